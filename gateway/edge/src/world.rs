//! Time and chance, which come from outside: rules get them as arguments, and tests and simulations give their own.

use std::sync::Arc;

use ofd_protocol::types::{Token, UnixMillis};

/// What one draw gives: as many bytes as a token and the stamp of an append are made of.
pub const DRAWN_LEN: usize = 20;

/// A clock and a generator of random bytes.
pub trait World: Send + Sync + 'static {
    /// The time, as registers are told it.
    fn now(&self) -> UnixMillis;

    /// Fresh random bytes, which nobody can guess and nobody else gets.
    fn draw(&self) -> [u8; DRAWN_LEN];

    /// So many fresh random bytes.
    fn bytes<const N: usize>(&self) -> [u8; N]
    where
        Self: Sized,
    {
        let mut bytes = [0; N];
        for part in bytes.chunks_mut(DRAWN_LEN) {
            part.iter_mut().zip(self.draw()).for_each(|(to, from)| *to = from);
        }
        bytes
    }

    /// A token that nobody else has, and the bytes of a stamp that no other append has: of one draw, since each costs a
    /// call of the system.
    fn token_and_stamp(&self) -> (Token, [u8; 16]) {
        let [a, b, c, d, stamp @ ..] = self.draw();
        (Token::from_drawn(u32::from_be_bytes([a, b, c, d])), stamp)
    }
}

/// A world that several have.
impl<W: World + ?Sized> World for Arc<W> {
    fn now(&self) -> UnixMillis {
        (**self).now()
    }

    fn draw(&self) -> [u8; DRAWN_LEN] {
        (**self).draw()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    /// Whose every draw is one number.
    struct Counting(AtomicU8);

    impl World for Counting {
        fn now(&self) -> UnixMillis {
            UnixMillis(7)
        }

        fn draw(&self) -> [u8; DRAWN_LEN] {
            [self.0.fetch_add(1, Ordering::Relaxed); DRAWN_LEN]
        }
    }

    #[test]
    fn more_bytes_than_one_draw_gives_are_drawn_again() {
        let world: Arc<dyn World> = Arc::new(Counting(AtomicU8::new(1)));
        let bytes: [u8; 42] = world.bytes();
        assert_eq!((&bytes[..20], &bytes[20..40], &bytes[40..]), (&[1; 20][..], &[2; 20][..], &[3; 2][..]));
        assert_eq!(world.bytes(), [0_u8; 0]);
        assert_eq!(world.bytes(), [4_u8; 3], "nothing is drawn for nothing");
    }

    #[test]
    fn a_token_and_a_stamp_share_no_byte() {
        struct Rising;
        impl World for Rising {
            fn now(&self) -> UnixMillis {
                UnixMillis(0)
            }
            fn draw(&self) -> [u8; DRAWN_LEN] {
                std::array::from_fn(|index| u8::try_from(index).unwrap())
            }
        }
        let (token, stamp) = Rising.token_and_stamp();
        assert_eq!(token, Token::from_drawn(0x0001_0203));
        assert_eq!(stamp, std::array::from_fn(|index| u8::try_from(index + 4).unwrap()));
    }
}
