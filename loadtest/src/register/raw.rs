//! Requests that no register would make, for scenario tests.

use ofd_protocol::frame::{self, Header};
use ofd_protocol::types::{RequestNumber, Token};
use ofd_protocol::wire::Writer;

use super::Register;
use super::encode::{self, AsksRegInfo};

/// What the header of a custom request says; what is `None` is the register's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RawHeader {
    /// The field VERSION of the header.
    pub version: Option<u16>,
    /// The field TOKEN of the header.
    pub token: Option<Token>,
    /// REQNUM; a new one when `None`.
    pub request: Option<RequestNumber>,
}

/// Whether a custom request carries the register's service part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawService {
    /// With get_reg_info set.
    Asking,
    /// There is no such part.
    Absent,
}

impl Register {
    /// A frame with the payload that `write` writes, all of it; nothing is kept in flight and nothing counted.
    ///
    /// `None` when the payload is longer than a frame may be.
    ///
    /// ```
    /// # use ofd_loadtest::{Fleet, Register, RawHeader, RawService};
    /// # let fleet = Fleet::generate(1, 1, 1, 7);
    /// # let mut register = Register::new(fleet.registers().next().unwrap(), 203, 7);
    /// // A deposit with 150 coins.
    /// let frame = register.raw(RawHeader::default(), RawService::Asking, |w| {
    ///     w.uint(1, 6_u32);
    ///     w.message(7, |w| {
    ///         w.date_time(1, ofd_loadtest::clock::now());
    ///         w.uint(2, 0_u32);
    ///         w.message(3, |w| {
    ///             w.uint(1, 10_u32);
    ///             w.uint(2, 150_u32);
    ///         });
    ///     });
    /// });
    /// assert!(frame.is_some());
    /// ```
    pub fn raw(
        &mut self,
        header: RawHeader,
        service: RawService,
        write: impl FnOnce(&mut Writer<'_>),
    ) -> Option<Vec<u8>> {
        let request = match header.request {
            Some(request) => request,
            None => self.number_request(),
        };
        self.payload.clear();
        let mut w = Writer::new(&mut self.payload);
        write(&mut w);
        if service == RawService::Asking {
            encode::put_service(&mut w, &self.fixed_service, None, AsksRegInfo::Yes);
        }
        let header = Header {
            version: header.version.unwrap_or(self.state.version),
            size: 0,
            register: self.identity.id,
            token: header.token.unwrap_or(self.state.token),
            request,
        };
        self.frame.clear();
        frame::put_header(&mut self.frame, &header, self.payload.len())?;
        self.frame.extend_from_slice(&self.payload);
        Some(self.frame.to_vec())
    }
}
