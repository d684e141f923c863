//! What an accepted answer does to the register: counters, comparison of reports, initialisation.

use ofd_protocol::types::Tiyn;

use super::Register;
use super::answer::{Answer, ReportAnswer, TicketAnswer};
use super::document::{Document, Flight};
use super::kinds::{Operation, ReportKind};
use super::receipt::{Parent, Receipt};
use super::report::ZxReport;
use super::state::{Basis, Known, LastReceipt, Stop};
use super::totals::{Closing, OfflineMark, Overflow, Totals};
use super::verify::{About, verify};

impl Register {
    /// Counts an accepted document and compares what its answer says.
    pub(super) fn apply(&mut self, flight: &Flight, answer: &Answer) {
        let command = flight.document.command();
        if let Some(service) = &answer.service {
            let identity = &self.identity;
            let same = service.fns_kkm_id == identity.fns_kkm_id
                && service.serial_number == identity.serial_number
                && service.organisation.1 == identity.bin;
            if !same {
                self.finding(format!(
                    "answer to {command}: reg_info tells of another register or organisation"
                ));
            }
        }
        let last = if command.is_fiscal() { self.state.last_receipt.take() } else { None };
        let counted = match (&flight.document, &answer.report, &answer.ticket) {
            (Document::Receipt(receipt), _, Some(ticket)) => self.receipt(flight, receipt, ticket),
            (Document::Placement { operation, sum }, _, _) => {
                self.state.totals.count_placement(*operation, *sum, flight.date_time, flight.mark)
            }
            (Document::Close { withdraw }, Some(answer), _) => self.close(flight, *withdraw, answer),
            (Document::Cancel, _, _) => self.cancel(last.as_deref()),
            (Document::Report(kind), Some(answer), _) => {
                self.report(*kind, answer);
                Ok(())
            }
            (Document::Info, Some(report), _) => {
                self.info(report, answer);
                Ok(())
            }
            // A missing part was found already by Answer::faults.
            (
                Document::Receipt(_)
                | Document::Close { .. }
                | Document::Report(_)
                | Document::Info
                | Document::System
                | Document::Nomenclature { .. }
                | Document::Auth { .. },
                _,
                _,
            ) => Ok(()),
        };
        if let Err(overflow) = counted {
            self.finding(overflow.to_string());
            self.state.stop = Some(Stop { command, code: None, text: overflow.to_string() });
        }
        if command.is_fiscal() {
            self.state.accepted = self.state.accepted.saturating_add(1);
        }
    }

    fn receipt(&mut self, flight: &Flight, receipt: &Receipt, ticket: &TicketAnswer) -> Result<(), Overflow> {
        if !self.qr_fits(flight, receipt, ticket) {
            self.finding(format!(
                "QR text of ticket {} does not fit the receipt: {}",
                ticket.number, ticket.qr
            ));
        }
        let known = [&self.state.last_sale, &self.state.last_purchase];
        let repeated = known.into_iter().flatten().any(|parent| parent.number == ticket.number);
        // An outdated memory may well repeat what was accepted after it was written.
        if repeated && self.state.known == Known::Exact {
            self.finding(format!("ticket number {} was given before, to another receipt", ticket.number));
        }
        let parent = Parent {
            number: ticket.number.clone(),
            date_time: flight.date_time,
            fns_kkm_id: self.identity.fns_kkm_id.clone(),
            total: receipt.total,
            offline: flight.mark != OfflineMark::Absent,
        };
        self.state.remember(receipt, flight.mark, parent);
        self.state.totals.count_receipt(receipt, flight.date_time, flight.mark)
    }

    /// `<site>?i=<number>&f=<fns_kkm_id>&s=<total>&t=<YYYYMMDDTHHMMSS>`; of an offline receipt the number printed in
    /// the QR is the offline one, so either is taken.
    fn qr_fits(&self, flight: &Flight, receipt: &Receipt, ticket: &TicketAnswer) -> bool {
        let Some((_, query)) = ticket.qr.split_once('?') else { return false };
        let mut fields = query.split('&');
        let mut field = |key: &str| fields.next().and_then(|field| field.strip_prefix(key));
        let number = field("i=");
        let numbered = number == Some(&ticket.number)
            || flight.offline_number.is_some_and(|own| number.and_then(|it| it.parse().ok()) == Some(own));
        let total = Tiyn::from_counter(receipt.total).to_string();
        let moment = flight.date_time.compact().to_string();
        numbered
            && field("f=") == Some(&self.identity.fns_kkm_id)
            && field("s=") == Some(&total)
            && field("t=") == Some(&moment)
            && fields.next().is_none()
    }

    fn compare(&mut self, report: &ZxReport, totals: &Totals, about: About) {
        for difference in verify(report, totals, about, self.state.version) {
            self.finding(difference);
        }
    }

    fn close(&mut self, flight: &Flight, withdraw: bool, answer: &ReportAnswer) -> Result<(), Overflow> {
        let closing = Closing { date_time: flight.date_time, withdraw, mark: flight.mark };
        let closed = self.state.totals.close(closing)?;
        if answer.kind != ReportKind::Z {
            self.finding("the answer to CLOSE_SHIFT holds an X".to_owned());
        }
        if self.state.known == Known::Exact {
            self.compare(&answer.report, &closed, About::Closed);
        }
        if self.state.known == Known::Exact && closed.shift == answer.report.shift {
            // Which offline marks the server counted is known from here on: a later Z must say the same.
            self.state.closed = Some(Box::new(closed));
        } else {
            self.state.closed = Some(Box::new(Totals::adopt(&answer.report, ReportKind::X)));
            self.state.totals = Totals::adopt(&answer.report, ReportKind::Z);
            self.state.basis = Basis::Adopted;
        }
        self.state.label = self.state.label.saturating_add(1);
        self.state.number_in_shift = 0;
        self.state.close_due = false;
        Ok(())
    }

    fn cancel(&mut self, last: Option<&LastReceipt>) -> Result<(), Overflow> {
        let Some(last) = last else { return Ok(()) };
        // What is cancelled can no longer be returned.
        match last.receipt.operation {
            Operation::Sell => self.state.last_sale = None,
            Operation::Buy => self.state.last_purchase = None,
            Operation::BuyReturn | Operation::SellReturn => {}
        }
        self.state.totals.cancel_receipt(&last.receipt, last.mark)
    }

    fn report(&mut self, kind: ReportKind, answer: &ReportAnswer) {
        if answer.kind != kind {
            self.finding(format!("asked for {kind}, the answer holds {}", answer.kind));
            return;
        }
        if self.state.known != Known::Exact {
            return;
        }
        match kind {
            ReportKind::X => {
                let about = if self.state.totals.opened.is_some() { About::Open } else { About::Idle };
                let totals = self.state.totals.clone();
                self.compare(&answer.report, &totals, about);
            }
            ReportKind::Z => self.compare_last_z(&answer.report),
        }
    }

    fn compare_last_z(&mut self, report: &ZxReport) {
        if let Some(closed) = self.state.closed.clone() {
            self.compare(report, &closed, About::Closed);
            return;
        }
        let open = u32::from(self.state.totals.opened.is_some());
        let last = self.state.totals.shift.saturating_sub(open);
        if report.shift != last {
            self.finding(format!("the last Z is of shift {}, {last} by own count", report.shift));
        }
        let empty = report.cash == 0 && report.revenue == 0 && report.closed.is_none();
        if last == 0 && !empty {
            self.finding("a Z before any shift was closed is not empty".to_owned());
        }
    }

    /// INFO: an exact memory is compared with the server's, any other is replaced by it.
    fn info(&mut self, report: &ReportAnswer, answer: &Answer) {
        self.has_asked = true;
        if self.state.known == Known::Exact {
            match (report.kind, self.state.totals.opened) {
                (ReportKind::X, Some(_)) => {
                    let totals = self.state.totals.clone();
                    self.compare(&report.report, &totals, About::Open);
                }
                (ReportKind::Z, None) => self.compare_last_z(&report.report),
                (ReportKind::X, None) => {
                    self.finding("INFO shows an open shift, there is none by own count".to_owned());
                }
                (ReportKind::Z, Some(_)) => {
                    self.finding("INFO shows no open shift, there is one by own count".to_owned());
                }
            }
            return;
        }
        let last = answer.service.as_ref().and_then(|service| service.last_document);
        self.state.totals = Totals::adopt(&report.report, report.kind);
        let ours = report.report.shift;
        let (label, closed) = match report.kind {
            ReportKind::X => (last.map_or(ours, |(label, _)| label), None),
            ReportKind::Z => {
                // One that is not the last closed shift's: else the server would answer with its Z again.
                let label = last.map_or(ours, |(label, _)| label).max(ours).saturating_add(1);
                (label, report.report.closed.map(|_| Totals::adopt(&report.report, ReportKind::X)))
            }
        };
        self.state.label = label;
        self.state.closed = closed.map(Box::new);
        self.state.number = self.state.number.max(last.map_or(0, |(_, number)| number));
        self.state.basis = if ours == 0 { Basis::Registration } else { Basis::Adopted };
        self.state.known = Known::Exact;
    }
}
