//! What people read of passwords.

use ofd_office::people::password::{Broken, LEN_MAX, LEN_MIN, broken_rules};

use crate::words::Words;

/// A rule of passwords, as the person reads it.
pub(crate) fn broken_text(words: &Words<'_>, broken: Broken) -> String {
    match broken {
        Broken::TooShort => words.say_with("account-password-too-short", &LEN_MIN.to_string()),
        Broken::TooLong => words.say_with("account-password-too-long", &LEN_MAX.to_string()),
        Broken::NoLower => words.say("account-password-no-lower"),
        Broken::NoUpper => words.say("account-password-no-upper"),
        Broken::NoDigit => words.say("account-password-no-digit"),
        Broken::IsLogin => words.say("account-password-is-login"),
    }
}

/// What is wrong with a new password, in the person's words; none when it is good.
pub(crate) fn trouble(words: &Words<'_>, typed: &str, logins: &[&str]) -> Option<String> {
    let broken = broken_rules(typed, logins);
    let texts: Vec<String> = broken.into_iter().map(|rule| broken_text(words, rule)).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}
