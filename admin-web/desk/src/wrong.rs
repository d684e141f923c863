//! What is wrong with what was typed, in the words of the page.

use ofd_office::typed::{PHONES_MAX, Wrong};

use crate::words::Words;

impl Words<'_> {
    /// What is wrong with a field, as it stands beside it.
    pub fn wrong(&self, wrong: Wrong) -> String {
        match wrong {
            Wrong::Empty => self.say("company-wrong-empty"),
            Wrong::TooLong => self.say("company-wrong-long"),
            Wrong::Characters => self.say("company-wrong-characters"),
            Wrong::Email => self.say("company-wrong-email"),
            Wrong::Phone => self.say("company-wrong-phone"),
            Wrong::ManyPhones => self.say_with("company-wrong-phones", &PHONES_MAX.to_string()),
            Wrong::Site => self.say("company-wrong-site"),
            Wrong::Date => self.say("company-wrong-date"),
            Wrong::DateToCome => self.say("company-wrong-date-to-come"),
            Wrong::Choice => self.say("company-wrong-choice"),
            Wrong::Settlement => self.say("company-wrong-settlement"),
            Wrong::Iin => self.say("company-wrong-iin"),
            Wrong::IinCheck => self.say("company-wrong-iin-check"),
            Wrong::Iik => self.say("company-wrong-iik"),
            Wrong::IikCheck => self.say("company-wrong-iik-check"),
            Wrong::OtherBank(bic) => self.say_with("company-wrong-other-bank", bic),
            Wrong::NoBank => self.say("company-wrong-no-bank"),
            Wrong::Oked => self.say("company-wrong-oked"),
            Wrong::Kbe => self.say("company-wrong-kbe"),
            Wrong::Bic => self.say("company-wrong-bic"),
            Wrong::TwoHeads => self.say("company-wrong-two-heads"),
            Wrong::SameAddress => self.say("company-address-repeated"),
            Wrong::OnlyLegal => self.say("company-address-only-legal-kind"),
            Wrong::SameAccount => self.say("company-account-repeated"),
            Wrong::Coordinates => self.say("trade-point-wrong-coordinates"),
            Wrong::CoordinatesAbroad => self.say("trade-point-wrong-coordinates-abroad"),
            Wrong::SameTradePoint => self.say("trade-point-repeated"),
            Wrong::SameGroup => self.say("group-repeated"),
            Wrong::GroupGone => self.say("group-wrong-gone"),
            Wrong::Rnm => self.say("registration-wrong-rnm"),
            Wrong::Year => self.say("registration-wrong-year"),
            Wrong::Alias => self.say("registration-wrong-alias"),
            Wrong::PlanKind => self.say("registration-wrong-plan-kind"),
            Wrong::PlanGone => self.say("registration-wrong-plan-gone"),
            Wrong::AliasTaken => self.say("registration-taken-alias"),
            Wrong::SerialTaken => self.say("registration-taken-serial"),
            Wrong::RnmTaken => self.say("registration-taken-rnm"),
            Wrong::DatePast => self.say("visit-wrong-past"),
            Wrong::DateFar => self.say("visit-wrong-far"),
            Wrong::Time => self.say("visit-wrong-time"),
            Wrong::ShopGone => self.say("registration-wrong-shop"),
            Wrong::ModelNotUsed => self.say("registration-wrong-model"),
            Wrong::TillWord(word) => self.say_with("ticket-text-wrong-word", word),
            Wrong::ForAll => self.say("ticket-text-wrong-for-all"),
            Wrong::Nowhere => self.say("ticket-text-wrong-whose"),
            Wrong::DateBeyond => self.say("ticket-text-wrong-far"),
            Wrong::DaysTurned => self.say("ticket-text-wrong-turned"),
            Wrong::TextOver => self.say("ticket-text-wrong-over"),
            Wrong::TextHolds => self.say("ticket-text-wrong-holds"),
            Wrong::TextsMeet => self.say("ticket-text-wrong-meet"),
        }
    }
}
