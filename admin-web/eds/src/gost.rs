//! GOST R 34.10 signatures over curves in short Weierstrass form.
//!
//! Verification knows public numbers alone, so nothing has to take the same time. [`GostTestKey`] signs with the same
//! arithmetic, and therefore only with keys that protect nothing. Both the curve of 512 bits and the old one of 256
//! use numbers of 512 bits: the old one only serves historical documents, and one width is one code to check.

use std::fmt;
use std::sync::LazyLock;

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U512};

type Element = FixedMontyForm<{ U512::LIMBS }>;
type Modulus = FixedMontyParams<{ U512::LIMBS }>;

/// Bytes of the widest number.
const WIDE_BYTES: usize = 64;

/// A curve with its base point.
pub(crate) struct Curve {
    field: Modulus,
    order: Modulus,
    a: Element,
    b: Element,
    base: Point,
    /// Bytes of a coordinate and of half a signature.
    pub(crate) width: usize,
}

/// id-tc26-gost-3410-12-512-paramSetA (RFC 7836): the curve of GOST 34.10-2015 with 512 bits.
pub(crate) static TC26_512_A: LazyLock<Curve> = LazyLock::new(|| {
    Curve::new(&Constants {
        width: 64,
        p: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFDC7",
        a: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFDC4",
        b: "E8C2505DEDFC86DDC1BD0B2B6667F1DA34B82574761CB0E879BD081CFD0B6265EE3CB090F30D27614CB4574010DA90DD862EF9D4EBEE4761503190785A71C760",
        q: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF27E69532F48D89116FF22B8D4E0560609B4B38ABFAD2B85DCACDB1411F10B275",
        x: "3",
        y: "7503CFE87A836AE3A61B8816E25450E6CE5E1C93ACF1ABC1778064FDCBEFA921DF1626BE4FD036E93D75E6A50E3A41E98028FE5FC235F5B889A589CB5215F2A4",
    })
});

/// id-GostR3410-2001-CryptoPro-A-ParamSet (RFC 4357): the curve of the old GOST 34.310-2004.
pub(crate) static CRYPTO_PRO_A: LazyLock<Curve> = LazyLock::new(|| {
    Curve::new(&Constants {
        width: 32,
        p: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFD97",
        a: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFD94",
        b: "A6",
        q: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF6C611070995AD10045841B09B761B893",
        x: "1",
        y: "8D91E471E0989CDA27DF505A453F2B7635294F2DDF23E3B122ACC99C9E9F1E14",
    })
});

/// A curve as tables of constants have it, in hexadecimal.
struct Constants {
    width: usize,
    p: &'static str,
    a: &'static str,
    b: &'static str,
    q: &'static str,
    x: &'static str,
    y: &'static str,
}

fn constant(hex: &str) -> U512 {
    U512::from_be_hex(&format!("{hex:0>128}"))
}

fn modulus(hex: &str) -> Modulus {
    Modulus::new_vartime(Odd::<U512>::from_be_hex(&format!("{hex:0>128}")))
}

/// A number in the byte order that signatures and keys have; `None` when it is too wide.
fn little_endian(bytes: &[u8]) -> Option<U512> {
    let mut wide = [0; WIDE_BYTES];
    wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(U512::from_le_slice(&wide))
}

/// A point in Jacobian coordinates: (x/z², y/z³); z is zero at infinity.
#[derive(Clone)]
struct Point {
    x: Element,
    y: Element,
    z: Element,
}

fn is_zero(element: &Element) -> bool {
    *element.as_montgomery() == U512::ZERO
}

impl Curve {
    fn new(constants: &Constants) -> Self {
        let field = modulus(constants.p);
        let element = |hex| Element::new(&constant(hex), &field);
        Self {
            order: modulus(constants.q),
            a: element(constants.a),
            b: element(constants.b),
            base: Point { x: element(constants.x), y: element(constants.y), z: Element::one(&field) },
            width: constants.width,
            field,
        }
    }

    fn infinity(&self) -> Point {
        let one = Element::one(&self.field);
        Point { x: one, y: one, z: Element::zero(&self.field) }
    }

    /// The point with these coordinates, if it lies on the curve.
    fn point(&self, x: &U512, y: &U512) -> Option<Point> {
        let modulus = self.field.modulus().as_ref();
        if x >= modulus || y >= modulus {
            return None;
        }
        let (x, y) = (Element::new(x, &self.field), Element::new(y, &self.field));
        let right = x.square().add(&self.a).mul(&x).add(&self.b);
        (y.square() == right).then(|| Point { x, y, z: Element::one(&self.field) })
    }

    fn double(&self, point: &Point) -> Point {
        let Point { x, y, z } = point;
        // Also of a point of order two, which these curves do not have.
        if is_zero(z) || is_zero(y) {
            return self.infinity();
        }
        let y2 = y.square();
        let s = x.mul(&y2).double().double();
        let x2 = x.square();
        let m = x2.double().add(&x2).add(&z.square().square().mul(&self.a));
        let x3 = m.square().sub(&s.double());
        let y3 = m.mul(&s.sub(&x3)).sub(&y2.square().double().double().double());
        Point { x: x3, y: y3, z: y.mul(z).double() }
    }

    fn add(&self, left: &Point, right: &Point) -> Point {
        if is_zero(&left.z) {
            return right.clone();
        }
        if is_zero(&right.z) {
            return left.clone();
        }
        let (left_z2, right_z2) = (left.z.square(), right.z.square());
        let (u1, u2) = (left.x.mul(&right_z2), right.x.mul(&left_z2));
        let (s1, s2) = (left.y.mul(&right_z2).mul(&right.z), right.y.mul(&left_z2).mul(&left.z));
        if u1 == u2 {
            return if s1 == s2 { self.double(left) } else { self.infinity() };
        }
        let (h, r) = (u2.sub(&u1), s2.sub(&s1));
        let h2 = h.square();
        let h3 = h2.mul(&h);
        let u1h2 = u1.mul(&h2);
        let x = r.square().sub(&h3).sub(&u1h2.double());
        let y = r.mul(&u1h2.sub(&x)).sub(&s1.mul(&h3));
        Point { x, y, z: left.z.mul(&right.z).mul(&h) }
    }

    /// `a` times the base point and `b` times `point`, in one walk over the bits of both.
    fn combined(&self, a: &U512, b: &U512, point: &Point) -> Point {
        let both = self.add(&self.base, point);
        let mut sum = self.infinity();
        for bit in (0..a.bits_vartime().max(b.bits_vartime())).rev() {
            sum = self.double(&sum);
            sum = match (a.bit_vartime(bit), b.bit_vartime(bit)) {
                (true, true) => self.add(&sum, &both),
                (true, false) => self.add(&sum, &self.base),
                (false, true) => self.add(&sum, point),
                (false, false) => sum,
            };
        }
        sum
    }

    fn affine(&self, point: &Point) -> Option<(U512, U512)> {
        if is_zero(&point.z) {
            return None;
        }
        let inverse: Option<Element> = point.z.invert_vartime().into();
        let inverse = inverse?;
        let square = inverse.square();
        Some((point.x.mul(&square).retrieve(), point.y.mul(&square).mul(&inverse).retrieve()))
    }

    fn affine_x(&self, point: &Point) -> Option<U512> {
        self.affine(point).map(|(x, _)| x)
    }

    /// `number` times the base point; `None` at infinity.
    fn multiple(&self, number: &U512) -> Option<(U512, U512)> {
        self.affine(&self.combined(number, &U512::ZERO, &self.base))
    }

    /// Whether `number` can be a secret key or the one-time number of a signature.
    fn is_secret(&self, number: &U512) -> bool {
        *number != U512::ZERO && number < self.order.modulus().as_ref()
    }

    /// The signature (r, s) of the number `e` by the key `d` with the one-time number `k`: section 6.1 of the standard.
    /// `None` where the standard says to draw another `k`.
    fn signature(&self, d: &U512, e: &U512, k: &U512) -> Option<(U512, U512)> {
        if !self.is_secret(k) {
            return None;
        }
        let scalar = |number| Element::new(number, &self.order);
        let mut e = scalar(e);
        if is_zero(&e) {
            e = Element::one(&self.order);
        }
        let (x, _) = self.multiple(k)?;
        let r = scalar(&x);
        let s = r.mul(&scalar(d)).add(&scalar(k).mul(&e));
        (!is_zero(&r) && !is_zero(&s)).then(|| (r.retrieve(), s.retrieve()))
    }

    /// Whether (r, s) is a signature of the number `e` by the key with the point (x, y): section 6.2 of the standard.
    fn accepts(&self, key: (&U512, &U512), e: &U512, (r, s): (&U512, &U512)) -> bool {
        self.accepted(key, e, (r, s)).unwrap_or(false)
    }

    fn accepted(&self, (x, y): (&U512, &U512), e: &U512, (r, s): (&U512, &U512)) -> Option<bool> {
        let q = self.order.modulus().as_ref();
        if *r == U512::ZERO || *s == U512::ZERO || r >= q || s >= q {
            return Some(false);
        }
        let key = self.point(x, y)?;
        let scalar = |number| Element::new(number, &self.order);
        let mut e = scalar(e);
        if is_zero(&e) {
            e = Element::one(&self.order);
        }
        let v: Option<Element> = e.invert_vartime().into();
        let v = v?;
        let (z1, z2) = (scalar(s).mul(&v), scalar(r).neg().mul(&v));
        let x = self.affine_x(&self.combined(&z1.retrieve(), &z2.retrieve(), &key))?;
        Some(scalar(&x) == scalar(r))
    }

    /// Whether `key` (X and Y) is a point of the curve, so that signatures can be checked with it at all.
    pub(crate) fn is_key(&self, key: &[u8]) -> bool {
        self.numbers(key).is_some_and(|(x, y)| self.point(&x, &y).is_some())
    }

    fn numbers(&self, halves: &[u8]) -> Option<(U512, U512)> {
        let (first, second) = halves.split_at_checked(self.width)?;
        (second.len() == self.width).then_some(())?;
        Some((little_endian(first)?, little_endian(second)?))
    }

    /// Whether `signature` (r and s) is one of `digest` by `key` (X and Y). Every number is little-endian, which is the
    /// order of this country's files and the reverse of what RFC 9215 describes.
    pub(crate) fn verify(&self, key: &[u8], digest: &[u8], signature: &[u8]) -> bool {
        let (Some((x, y)), Some((r, s))) = (self.numbers(key), self.numbers(signature)) else { return false };
        little_endian(digest).is_some_and(|e| self.accepts((&x, &y), &e, (&r, &s)))
    }
}

/// A secret key of GOST 34.10-2015 with 512 bits, for stands and tests.
///
/// **Not constant-time**: how long a signature takes tells about the key. It signs as anybody whom a test PKI made up,
/// never as anybody real.
#[derive(Clone)]
pub struct GostTestKey(U512);

impl fmt::Debug for GostTestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GostTestKey").finish_non_exhaustive()
    }
}

impl GostTestKey {
    /// Bytes of the secret number, of a digest and of the one-time number.
    pub const NUMBER_BYTES: usize = WIDE_BYTES;

    /// The key with this little-endian number; `None` for zero and for what is not below the order of the curve.
    pub fn new(secret: &[u8; Self::NUMBER_BYTES]) -> Option<Self> {
        let secret = U512::from_le_slice(secret);
        TC26_512_A.is_secret(&secret).then_some(Self(secret))
    }

    /// The public key: X and Y, little-endian, as certificates have them within an OCTET STRING.
    pub fn public_key(&self) -> Vec<u8> {
        // Below the order no multiple of the base point lies at infinity.
        TC26_512_A.multiple(&self.0).map(little_endian_pair).unwrap_or_default()
    }

    /// The signature of a digest of GOST 34.11-2015: r and s, little-endian, as this country's files have them.
    ///
    /// `k` must differ for every digest: two signatures with one `k` give the key away. `None`: this `k` will not do,
    /// which happens to none that is drawn at random.
    pub fn sign(&self, digest: &[u8; Self::NUMBER_BYTES], k: &[u8; Self::NUMBER_BYTES]) -> Option<Vec<u8>> {
        let (digest, k) = (U512::from_le_slice(digest), U512::from_le_slice(k));
        TC26_512_A.signature(&self.0, &digest, &k).map(little_endian_pair)
    }
}

fn little_endian_pair((first, second): (U512, U512)) -> Vec<u8> {
    let (first, second) = (first.to_le_bytes(), second.to_le_bytes());
    [first.as_ref(), second.as_ref()].concat()
}

#[cfg(test)]
mod tests;
