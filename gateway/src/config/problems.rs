//! What is wrong with a config: all of it at once, since each round of mending costs a restart.

use std::fmt;

/// What is wrong with a value, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key; empty where the text below names the place.
    pub key: String,
    /// What is wrong.
    pub problem: String,
}

impl Problem {
    /// What is wrong with the value of a key.
    pub fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => f.write_str(self.problem.trim_end()),
            key => write!(f, "{key}: {}", self.problem.trim_end()),
        }
    }
}

/// All that was found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Notes one more problem at a key.
    pub fn add(&mut self, key: impl Into<String>, problem: impl Into<String>) {
        self.0.push(Problem::new(key, problem));
    }

    /// One more, where there is one.
    pub(super) fn add_from<T>(&mut self, checked: Result<T, Problem>) {
        self.0.extend(checked.err());
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one is in this part of the config.
    pub fn is_in(&self, part: &str) -> bool {
        self.0.iter().any(|problem| problem.key.starts_with(part))
    }
}

/// One stands behind the file's name, several on lines of their own.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [problem] = &self.0[..] {
            return write!(f, " {problem}");
        }
        write!(f, " {} things are wrong:", self.0.len())?;
        self.0.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}
