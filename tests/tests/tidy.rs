//! What the project asks of its own sources: who may import whom, sizes, names, and what must not be in them.

#[path = "tidy/circles.rs"]
mod circles;
#[path = "tidy/crates.rs"]
mod crates;
#[path = "tidy/metrics.rs"]
mod metrics;
#[path = "tidy/modules.rs"]
mod modules;
#[path = "tidy/paths.rs"]
mod paths;
#[path = "tidy/project.rs"]
mod project;
#[path = "tidy/readme.rs"]
mod readme;
#[path = "tidy/sizes.rs"]
mod sizes;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/texts.rs"]
mod texts;
#[path = "tidy/words.rs"]
mod words;
