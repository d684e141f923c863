//! The memory that passwords are hashed in, and hashing in it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use argon2::password_hash::{Output, ParamsString, PasswordHash, SaltString};
use argon2::{Algorithm, Argon2, Block, Params, Version};

/// Memory of one hash in KiB: 19 MiB with two passes is what OWASP's cheat sheet names as the least for Argon2id.
pub(super) const MEMORY_KIB: u32 = 19 * 1024;

/// Passes over that memory.
const PASSES: u32 = 2;

/// Lanes: one, since passwords are judged side by side already.
const LANES: u32 = 1;

/// Bytes of a hash.
const HASH_BYTES: usize = 32;

/// The longest salt that is read. Ours have 16 bytes.
const SALT_BYTES_MAX: usize = 64;

/// The settings are constants that Argon2 takes, which a test says; what it did not take would be its own defaults.
static PARAMS: LazyLock<Params> =
    LazyLock::new(|| Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default());

/// The memory of one hash, made once and used again and again: Argon2 would take as much for every password.
pub struct PasswordBlocks {
    blocks: Vec<Block>,
    live: Arc<AtomicUsize>,
}

impl PasswordBlocks {
    /// The memory of one hash, counted among those that live.
    pub(super) fn new(live: Arc<AtomicUsize>) -> Self {
        live.fetch_add(1, Ordering::SeqCst);
        Self { blocks: vec![Block::new(); PARAMS.block_count()], live }
    }

    /// None, for a thread that judges no passwords.
    pub(super) fn none() -> Self {
        Self { blocks: Vec::new(), live: Arc::new(AtomicUsize::new(1)) }
    }

    /// Hashes a password as it is kept: Argon2id in the PHC form. `None`: the salt is none, or the thread judges no
    /// passwords and has no memory for them.
    pub fn hash(&mut self, salt: &[u8], typed: &str) -> Option<String> {
        let text = SaltString::encode_b64(salt).ok()?;
        let params = &*PARAMS;
        let output = self.output(Algorithm::Argon2id, Version::V0x13, params, salt, typed, HASH_BYTES)?;
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(params).ok()?,
            salt: Some(text.as_salt()),
            hash: Some(output),
        };
        Some(hash.to_string())
    }

    /// Whether a password is the one that is kept, by the settings that are kept with it.
    pub fn matches(&mut self, kept: &str, typed: &str) -> bool {
        let judged = self.judge(kept, typed);
        if judged.is_none() {
            tracing::error!("a kept password hash cannot be read; its person has to recover the password");
        }
        judged.unwrap_or(false)
    }

    /// `None`: what is kept is no hash, or wants more memory than any of ours.
    fn judge(&mut self, kept: &str, typed: &str) -> Option<bool> {
        let kept = PasswordHash::new(kept).ok()?;
        let (algorithm, expected) = (Algorithm::try_from(kept.algorithm).ok()?, kept.hash?);
        let version = kept.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
        let params = Params::try_from(&kept).ok()?;
        let mut salt = [0; SALT_BYTES_MAX];
        let salt = kept.salt?.decode_b64(&mut salt).ok()?;
        let output = self.output(algorithm, version, &params, salt, typed, expected.len())?;
        // Takes the same time wherever the two differ.
        Some(output == expected)
    }

    fn output(
        &mut self,
        algorithm: Algorithm,
        version: Version,
        params: &Params,
        salt: &[u8],
        typed: &str,
        len: usize,
    ) -> Option<Output> {
        let (argon2, blocks) = (Argon2::new(algorithm, version, params.clone()), &mut self.blocks);
        let fill = |out: &mut [u8]| {
            let filled =
                argon2.hash_password_into_with_memory(typed.as_bytes(), salt, out, blocks.as_mut_slice());
            filled.map_err(Into::into)
        };
        Output::init_with(len, fill).ok()
    }
}

impl Drop for PasswordBlocks {
    fn drop(&mut self) {
        self.live.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use argon2::PasswordHasher;

    use super::*;

    fn blocks() -> PasswordBlocks {
        PasswordBlocks::new(Arc::default())
    }

    #[test]
    fn the_hash_is_what_argon2_makes_in_memory_of_its_own() {
        let salt = [7; 16];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS.clone());
        let text = SaltString::encode_b64(&salt).unwrap();
        let expected = argon2.hash_password(b"Abcdefg1", &text).unwrap().to_string();
        let mut blocks = blocks();
        assert_eq!(blocks.hash(&salt, "Abcdefg1"), Some(expected.clone()));
        assert!(expected.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{expected}");
        // What the one before left in the memory does not matter.
        blocks.hash(&[8; 16], "another");
        assert_eq!(blocks.hash(&salt, "Abcdefg1"), Some(expected));
    }

    #[test]
    fn a_kept_hash_is_judged_by_its_own_settings() {
        let mut blocks = blocks();
        for (memory, passes, lanes) in [(MEMORY_KIB, PASSES, LANES), (8 * 1024, 3, 1), (4 * 1024, 1, 4)] {
            let params = Params::new(memory, passes, lanes, None).unwrap();
            let text = SaltString::encode_b64(&[9; 16]).unwrap();
            for algorithm in [Algorithm::Argon2id, Algorithm::Argon2i] {
                let argon2 = Argon2::new(algorithm, Version::V0x13, params.clone());
                let kept = argon2.hash_password(b"Abcdefg1", &text).unwrap().to_string();
                assert!(blocks.matches(&kept, "Abcdefg1"), "{kept}");
                assert!(!blocks.matches(&kept, "Abcdefg2"), "{kept}");
            }
        }
    }

    #[test]
    fn what_wants_more_memory_than_there_is_takes_none() {
        let params = Params::new(2 * MEMORY_KIB, 1, 1, None).unwrap();
        let text = SaltString::encode_b64(&[9; 16]).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let kept = argon2.hash_password(b"Abcdefg1", &text).unwrap().to_string();
        let mut blocks = blocks();
        assert_eq!(blocks.judge(&kept, "Abcdefg1"), None);
        assert_eq!(blocks.blocks.capacity(), PARAMS.block_count());
        assert_eq!(blocks.judge("no hash", "Abcdefg1"), None);
    }
}
