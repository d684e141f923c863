//! Which test holds which sentence of WIRE section 13: so that none is forgotten.

/// A rule; under it its sentences; under each the tests that hold it.
const TABLE: &str = "
13.1
    they hand out a new token (rotation can be switched off)
        every_fiscal_command_hands_out_a_new_token_and_every_other_command_keeps_it
        rotation_can_be_switched_off
        a_token_that_is_handed_out_is_new_whatever_was_drawn
    change its state atomically
        what_is_refused_leaves_no_trace
    the other commands never disturb the retry memory
        other_commands_never_disturb_the_retry_memory
13.2
    of the last fiscal command that was answered 0 and stored
        the_memory_is_of_the_last_stored_command_alone
        nothing_is_remembered_of_what_was_refused
    refusals and replays leave the memory and both tokens alone
        refusals_and_replays_leave_the_memory_and_both_tokens_alone
    the fingerprint covers the fiscal part alone
        the_fingerprint_of_a_ticket_leaves_out_what_a_device_adds_when_it_sends_it_again
        the_fingerprint_of_a_ticket_covers_every_other_field
        the_fingerprint_of_a_placement_covers_all_but_its_offline_mark
    date_time is equal, or neither has an offline number by now
        another_date_time_matches_when_neither_has_an_offline_number_by_now
        another_date_time_of_a_placement_matches_a_later_and_an_earlier_one
        a_number_that_a_replay_brought_counts_when_the_times_differ
        a_retry_with_the_time_of_another_try_is_that_try
    over ten minutes apart: possible-loss
        a_replay_of_a_document_over_ten_minutes_apart_is_kept_as_a_warning_that_names_it
    under the kept token whatever number it brings
        a_ticket_that_came_without_a_number_matches_under_the_kept_token_whatever_number_it_brings
        under_the_kept_reqnum_alone_too
    different numbers from the start are two, unless REQNUM, token and date_time are equal
        two_receipts_that_came_with_different_numbers_from_the_start_are_two
        unless_reqnum_token_and_date_time_are_equal_as_well
    two CLOSE_SHIFT match when fr_shift_number and withdraw_money do
        two_closes_match_by_fr_shift_number_and_withdraw_money_alone
    kept token, kept REQNUM, same: the same answer
        kept_token_and_kept_reqnum_with_the_same_document_get_the_same_answer_again
    kept token, kept REQNUM, other: 9
        kept_token_and_kept_reqnum_with_another_document_or_command_get_9
    current token, kept REQNUM, the very same document: 8
        the_current_token_with_the_kept_reqnum_and_the_very_same_document_gets_8
        a_cancellation_sent_again_under_the_current_token_and_its_reqnum_gets_8
    another document under a REQNUM used before is new
        another_document_under_a_reqnum_used_before_is_new
        identical_sales_in_the_same_second_under_different_reqnums_are_two_sales
13.3
    two tokens are good, any other is 2
        the_current_token_and_the_one_the_last_fiscal_command_came_with_are_good_and_no_other
        a_clone_that_lags_behind_by_two_documents_is_found_out
    kept token and another REQNUM: by fingerprint, else processed
        a_fiscal_command_under_the_kept_token_and_another_reqnum_is_replayed_when_it_matches
        a_fiscal_command_under_the_kept_token_and_another_reqnum_is_processed_when_it_does_not_match
    REQNUM need not be the previous + 1
        reqnum_need_not_follow_the_previous_one
    other answers carry the token of the request
        answers_to_other_commands_and_refusals_carry_the_token_the_request_came_with
        a_token_of_0_is_answered_with_the_0_of_the_request_and_never_with_one_of_our_making
    where rotation is off only REQNUM or an offline number tells
        where_rotation_is_off_only_an_equal_reqnum_or_an_offline_number_tells_a_retry
        where_rotation_is_off_a_lost_receipt_that_comes_with_an_offline_number_and_another_reqnum_is_a_retry
        where_rotation_is_off_a_queue_of_equal_receipts_loses_none
    after a token reset
        after_a_token_reset_only_the_new_token_is_good
        after_a_token_reset_the_very_same_document_is_replayed_whatever_its_reqnum
        after_a_token_reset_another_document_under_the_kept_reqnum_is_new
        a_token_reset_after_a_close_keeps_memory_and_numbers
    processed under the kept token: the answer before was never taken
        an_unconfirmed_document_that_comes_again_is_answered_under_a_new_token_and_counted_once
        a_document_whose_answer_was_taken_is_never_unconfirmed
        a_document_may_become_unconfirmed_once_more
    a token reset tells the same
        a_token_reset_tells_the_same_and_then_only_an_equal_date_time_does
    for 72 hours, over shifts, at most 4 096, with rotation off the last 16
        over_shifts_for_72_hours_of_the_servers_clock
        at_most_4096_of_a_register_are_unconfirmed_and_the_oldest_is_dropped_first
        where_rotation_is_off_the_last_16_documents_are_compared_with_what_brings_a_number
        where_rotation_is_off_a_queue_is_told_though_each_answer_of_it_was_lost
    under the current or the kept token, any REQNUM, the date_time of any try
        it_may_come_under_the_kept_token_any_reqnum_and_the_date_time_of_any_try
    or another under the current token alone, for thirty minutes
        another_date_time_tells_under_the_current_token_alone_for_thirty_minutes
    this answer is the retry memory from then on
        a_lost_answer_to_it_is_told_by_rule_2
        an_unconfirmed_document_that_came_again_is_something_fiscal_in_between
    of two equal sales both count in the end
        of_two_equal_sales_both_count_in_the_end_whichever_comes_first
    two with different numbers from the start are two
        two_that_came_with_different_numbers_from_the_start_are_two
    before the 8 and 9, and an equal date_time before a replay of another
        an_equal_date_time_in_the_list_comes_before_a_replay_of_another_date_time
        an_unconfirmed_document_is_answered_whatever_the_status
    a cancelled receipt is not remembered
        a_cancelled_receipt_is_not_remembered
    of what a till queues and sends at the end nothing is stored twice or lost
        whatever_answers_are_lost_everything_sold_is_stored_once
        where_rotation_is_off_a_short_queue_is_stored_once
13.4
    the same receipt, however often and much later, under either token
        a_receipt_with_an_offline_number_is_stored_once_under_either_token_and_any_reqnum
        however_much_later_it_comes_in_another_shift
        another_number_or_time_or_content_is_another_receipt
        identical_offline_sales_of_one_second_with_numbers_of_their_own_are_two_receipts
        a_cancelled_offline_receipt_is_not_remembered
    this comes before the 8 and 9
        this_comes_before_the_9
    the stored payload, the REQNUM of the request, the token
        a_replay_carries_the_stored_payload
        a_replayed_offline_receipt_moves_no_counter
    a new offline number or another printed text is added
        a_replay_with_a_new_offline_number_is_found_by_both_from_then_on
        a_replay_with_another_printed_text_adds_its_bytes_once
        a_replay_with_another_date_time_is_found_by_each_from_then_on
        an_amendment_after_a_token_reset_is_kept_too
    offline number 0 is none
        offline_number_0_is_none
13.5
    shifts open by themselves; numbers run from 1 without gaps
        shifts_open_with_the_first_ticket_or_placement_after_a_close_and_are_numbered_without_gaps
        a_document_that_is_refused_opens_no_shift
    fr_shift_number is a label
        a_devices_own_shift_number_is_stored_warned_of_and_never_a_reason_to_refuse
    with no open shift an empty one is opened and closed
        a_close_with_no_open_shift_opens_and_closes_an_empty_one
    one that names the last closed shift gets its Z again
        a_close_that_names_exactly_the_last_closed_shift_gets_its_z_again_and_nothing_is_stored
        a_shift_closed_without_a_label_is_named_by_our_number
        a_close_that_names_the_last_closed_shift_while_another_is_open_closes_that_one
        the_z_again_outlives_a_block_a_disconnection_and_a_token_reset
    11 after 24 h, by either clock, never with an offline mark
        a_shift_open_for_over_24_hours_by_the_devices_clock_takes_no_tickets_and_placements
        a_shift_open_for_24_hours_by_the_servers_clock_takes_no_tickets_and_placements
        the_age_never_refuses_documents_with_an_offline_mark_a_close_or_a_cancellation
        the_age_counts_from_the_first_document_even_when_that_was_offline_or_cancelled
    open_shift_time is the first document's date_time
        open_shift_time_is_the_first_documents_date_time
13.6
    should grow, anything else is a warning
        a_printed_number_should_grow_within_a_shift_and_anything_else_is_a_warning
        a_printed_number_of_0_tells_nothing
    a repeat of the last one with the very same document is a retry
        a_repeat_of_the_last_printed_number_with_the_very_same_document_is_a_retry
13.7
    blocked: 15 with an ad and the same text
        blocked_is_15_for_every_command_with_an_ad_that_says_the_same
        the_text_of_a_block_says_why_and_what_to_do
        a_new_reason_comes_as_a_newer_ad
    SYSTEM asks whether the block is over
        system_with_reg_info_is_how_a_till_asks_whether_the_block_is_over
    deregistered: 18 or 15; disconnected: 19 or 15; unknown id: 1
        deregistered_is_18_in_204_and_15_before
        disconnected_by_the_organisation_is_19_in_204_and_15_before
        unknown_id_is_1
    but replays and documents with an offline mark from before
        replays_are_answered_whatever_the_status
        documents_with_an_offline_mark_from_before_the_block_are_accepted
        the_date_time_is_compared_in_the_configured_zone
        every_stop_that_holds_must_have_come_after_the_document
13.8
    what makes a receipt is required
        what_makes_a_receipt_is_required
        an_item_needs_its_type_the_part_of_that_type_and_the_parts_sum
        what_makes_a_placement_is_required
        what_makes_a_close_is_required
        a_date_and_time_must_exist
    everything else is accepted, stored as it came, and a warning
        everything_else_that_devices_leave_out_is_accepted_and_warned_of
        a_payment_without_a_sum_is_one_of_nothing
        everything_is_stored_as_it_came
    values that cannot be right
        payments_that_do_not_add_up_to_the_total_are_13_with_both_sums_in_the_text
        coins_over_99_are_13
        a_tax_type_or_percent_over_31_bits_is_13
        sums_that_overflow_are_13
        withdrawing_more_than_there_is_is_14_with_both_sums_in_the_text
13.9
    a frame that cannot be read: 3 with command 0
        broken_protobuf_is_3_with_command_0
        a_payload_without_a_command_is_3_with_command_0
        a_size_under_18_or_over_the_limit_is_3_with_command_0
        a_wrong_appcode_is_no_frame
    another VERSION: 3
        a_version_we_do_not_speak_is_3
    never a panic, never a hang
        decide_never_panics_and_every_answer_can_be_read
        a_message_as_long_as_the_limit_allows_is_read
    unknown fields are skipped and kept
        unknown_fields_are_skipped_and_kept_with_the_document
13.10
    the buyer is the seller: 17
        a_buyer_whose_iin_or_bin_is_the_organisations_is_17
13.11
    TLS where the tariff excludes it: 7
        tls_is_7_where_the_tariff_excludes_it
    CANCEL_TICKET: the last document only, else 10; 5 for 204
        cancel_ticket_is_for_the_last_document_with_nothing_fiscal_in_between
        cancel_ticket_is_5_in_204_and_a_command_of_every_version_before
    it undoes all that the receipt counted
        a_cancellation_undoes_all_that_the_receipt_counted_since_registration_too
        a_cancelled_receipt_leaves_no_section_and_no_tax_rate_behind
        a_cancellation_returns_all_counters_exactly
    the shift stays open, section 14 no longer finds the receipt
        the_shift_stays_open
        a_cancelled_receipt_is_found_no_longer
    QR commands without a payment provider: 5
        qr_commands_without_a_payment_provider_are_5_and_no_commands_before_204
13.12
    kept exactly as they came
        the_bytes_of_every_accepted_request_are_kept_exactly_as_they_came
        every_document_is_chained_to_the_one_before
13.13
    texts of 1 to 19 hold none of these words
        reasons_of_a_block_come_into_texts_only_when_free_of_the_words
        strings_of_a_request_never_smuggle_a_word_into_a_text
    254 and 255 always hold timeout
        texts_of_254_and_255_always_hold_timeout
13.14
    order of checks
        frame_goes_before_id
        id_goes_before_tls
        tls_goes_before_token
        token_goes_before_command
        command_goes_before_the_part
        the_part_goes_before_retries_and_status
        retries_go_before_status_and_content
        status_goes_before_the_closed_shifts_z_and_that_before_content
        content_goes_before_17_age_and_cash
";

const SOURCES: [&str; 16] = [
    include_str!("rule_01.rs"),
    include_str!("rule_02.rs"),
    include_str!("rule_03.rs"),
    include_str!("rule_04.rs"),
    include_str!("rule_05.rs"),
    include_str!("rule_06.rs"),
    include_str!("rule_07.rs"),
    include_str!("rule_08.rs"),
    include_str!("rule_09.rs"),
    include_str!("rule_10.rs"),
    include_str!("rule_11.rs"),
    include_str!("rule_12.rs"),
    include_str!("rule_13.rs"),
    include_str!("rule_14.rs"),
    include_str!("properties.rs"),
    include_str!("lost.rs"),
];

/// A sentence and its tests.
type Sentence = (&'static str, Vec<&'static str>);

/// The rules, their sentences and their tests, in the order of the table.
fn rules() -> Vec<(&'static str, Vec<Sentence>)> {
    let mut rules: Vec<(_, Vec<Sentence>)> = Vec::new();
    for line in TABLE.lines().filter(|line| !line.is_empty()) {
        match line.len() - line.trim_start().len() {
            0 => rules.push((line, Vec::new())),
            4 => rules.last_mut().unwrap().1.push((line.trim(), Vec::new())),
            _ => rules.last_mut().unwrap().1.last_mut().unwrap().1.push(line.trim()),
        }
    }
    rules
}

#[test]
fn every_rule_has_its_tests() {
    let rules = rules();
    let numbers: Vec<&str> = rules.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=14).map(|number| format!("13.{number}")).collect::<Vec<_>>());
    for (number, sentences) in rules {
        assert!(!sentences.is_empty(), "{number}");
        for (sentence, tests) in sentences {
            assert!(!tests.is_empty(), "{number} «{sentence}» has no test");
            for test in tests {
                let line = format!("#[test]\nfn {test}() {{");
                let found = SOURCES.iter().filter(|source| source.contains(&line)).count();
                assert_eq!(found, 1, "{number} «{sentence}»: the test {test}");
            }
        }
    }
}
