//! Files that were cut, flipped and repeated: never a panic, never half of a statement.

use super::*;

/// A generator that is good enough to draw damage: SplitMix64.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).expect("a length")).expect("below a length")
    }
}

/// How many damaged files are tried of each sample. More are tried with `OFD_TRIES`.
const TRIES: usize = 400;

/// Where the drawing begins; `OFD_SEED` begins it elsewhere.
const SEED: u64 = 0x0FD0_2026;

fn set<T: std::str::FromStr>(name: &str, else_: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(else_)
}

/// Whether the sums hold, counted here anew.
fn holds(statement: &Statement) -> bool {
    let moved: i64 = statement
        .entries
        .iter()
        .map(|entry| match entry.direction {
            Direction::In => entry.sum.get(),
            Direction::Out => -entry.sum.get(),
        })
        .sum();
    let both = statement.opening.zip(statement.closing);
    statement.entries.iter().all(|entry| entry.sum.get() > 0)
        && both.is_none_or(|(opening, closing)| opening.get() + moved == closing.get())
}

/// One to three damages at drawn places.
fn damaged(draw: &mut Draw, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=draw.below(3) {
        if bytes.is_empty() {
            break;
        }
        let at = draw.below(bytes.len());
        let end = (at + 1 + draw.below(200)).min(bytes.len());
        match draw.below(6) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << draw.below(8),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            4 => bytes[at] = u8::try_from(draw.below(256)).expect("a byte"),
            _ => {
                // A line twice, as an editor does it.
                let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
                let line = draw.below(lines.len());
                let piece = lines[line].to_vec();
                let before: usize = lines[..line].iter().map(|line| line.len()).sum();
                bytes.splice(before..before, piece);
            }
        }
    }
    bytes
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused_or_whole() {
    // The other encodings of the first have the same places.
    for (name, bytes) in SAMPLES.into_iter().filter(|(name, _)| !name.starts_with("1c-utf-8")) {
        let whole = read(bytes).expect(name);
        // Every place near the end, where a cut is hardest to see, and a fifth of the others.
        let near = bytes.len().saturating_sub(200);
        for end in (0..near).step_by(5).chain(near..bytes.len()) {
            if let Ok(statements) = read(&bytes[..end]) {
                // What was cut is behind the last statement; of several messages of MT940 the last may be gone as a whole.
                let is_whole = statements == whole || name == "mt940-bare.sta" && statements == whole[..1];
                assert!(is_whole, "{name} cut at {end}");
            }
        }
    }
    for end in 0..TABLE.len() {
        if let Ok(statement) = read_csv(&TABLE[..end], &mapping(), &iban(OWN)) {
            assert_eq!(statement, table(), "cut at {end}");
        }
    }
}

#[test]
fn damaged_files_are_refused_or_add_up() {
    let (seed, tries) = (set("OFD_SEED", SEED), set("OFD_TRIES", TRIES));
    for (name, bytes) in SAMPLES {
        let mut draw = Draw(seed);
        let (mut refused, entries) = (0, read(bytes).expect(name).iter().map(|one| one.entries.len()).max());
        for index in 0..tries {
            let bytes = damaged(&mut draw, bytes);
            match read(&bytes) {
                Ok(statements) => {
                    assert!(
                        statements.iter().all(holds),
                        "{name}, seed {seed}, try {index}: it does not add up"
                    );
                    let most = statements.iter().map(|one| one.entries.len()).max();
                    assert!(
                        most <= entries.map(|most| most + 2),
                        "{name}, seed {seed}, try {index}: more entries"
                    );
                }
                Err(fault) => {
                    refused += 1;
                    assert!(!fault.to_string().is_empty());
                }
            }
        }
        assert!(refused > tries / 2, "{name}, seed {seed}: {refused} of {tries} were refused");
    }
    let mut draw = Draw(seed);
    for index in 0..tries {
        let bytes = damaged(&mut draw, TABLE);
        if let Ok(statement) = read_csv(&bytes, &mapping(), &iban(OWN)) {
            assert!(holds(&statement), "seed {seed}, try {index}");
        }
    }
}
