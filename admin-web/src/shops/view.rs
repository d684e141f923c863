//! Shops and registers in a person's words.

use ofd_office::company::shop_groups::group_names;
use ofd_office::shops::{RegisterLine, ShiftLine, Shop, Stage, address_in, is_on_line, title_in};
use ofd_protocol::register::{Register, StatusName};
use ofd_storage::accounts::ShopGroup;
use ofd_storage::model::{RegisterRecord, TradePoint};

use super::here::{Whose, groups_of, may_read, shop_path};
use crate::cabinet::{Ask, Right};
use crate::format;
use crate::page_len::len_of;
use crate::site::Site;
use crate::vocabulary::Word;
use crate::words::Words;

/// Every status, by the word for it in addresses, with the key of its text.
pub(super) const STATUSES: [(StatusName, &str); 5] = [
    (StatusName::Active, "shops-status-active"),
    (StatusName::Blocked, "shops-status-blocked"),
    (StatusName::Unpaid, "shops-status-unpaid"),
    (StatusName::Disconnected, "shops-status-disconnected"),
    (StatusName::Deregistered, "shops-status-deregistered"),
];

/// How far a registration is that is under way, with the key of its text.
pub(super) const STAGES: [(Stage, &str); 4] = [
    (Stage::Saved, "shops-stage-saved"),
    (Stage::Checking, "shops-stage-checking"),
    (Stage::InProcess, "shops-stage-in-process"),
    (Stage::Refused, "shops-stage-refused"),
];

/// The text of a status; in the moment before a register has one it is being created.
pub(super) fn status_text(words: &Words<'_>, status: Option<StatusName>) -> String {
    let known = STATUSES.into_iter().find(|(name, _)| Some(*name) == status);
    words.say(known.map_or("shops-status-created", |(_, key)| key))
}

/// The colour of a status's badge.
fn status_colour(status: Option<StatusName>) -> &'static str {
    match status {
        Some(StatusName::Active) => "",
        Some(StatusName::Unpaid | StatusName::Disconnected) | None => " warn",
        Some(StatusName::Blocked | StatusName::Deregistered) => " bad",
    }
}

/// A shop of the list.
pub(super) struct ShopView {
    pub(super) title: String,
    /// Where it is shown alone.
    pub(super) alone: String,
    /// What it is, and the groups that it is in.
    pub(super) badges: Vec<String>,
    /// Where it is edited, for who may.
    pub(super) edit: Option<String>,
    pub(super) address: String,
    pub(super) count: String,
    /// How many of its registers are on line, where all of them were looked at.
    pub(super) on_line: Option<String>,
    pub(super) registers: Vec<RegisterView>,
}

/// A register of the list.
pub(super) struct RegisterView {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) about: String,
    pub(super) status: String,
    pub(super) colour: &'static str,
    pub(super) since: Option<String>,
    /// When it was last heard, or that it is on line.
    pub(super) heard: String,
    pub(super) is_on_line: bool,
    pub(super) shift: Option<ShiftView>,
    /// Where its X report is, for who may read it.
    pub(super) x: Option<String>,
    /// Where the Z report of its last closed shift is, with what it is called.
    pub(super) z: Option<(String, String)>,
}

/// Letters of a shop and of a register on the page beside what is in them: tags and texts that all have.
const SHOP_LEN: usize = 450;
const REGISTER_LEN: usize = 500;

impl ShopView {
    /// What it comes to on the page, and then each of its registers.
    pub(super) fn lens(&self) -> Vec<usize> {
        let edit = self.edit.as_deref().map(|href| [href, &self.title]);
        let texts = [self.title.as_str(), &self.alone, &self.address, &self.count];
        let texts = texts.into_iter().chain(edit.into_iter().flatten()).chain(self.on_line.as_deref());
        let badges = self.badges.iter().flat_map(|badge| [BADGE, badge.as_str()]);
        let shop = len_of(SHOP_LEN, texts.chain(badges));
        std::iter::once(shop).chain(self.registers.iter().map(RegisterView::len)).collect()
    }
}

/// Stands for the tags of a badge.
const BADGE: &str = "<span class=badge></span>";

impl RegisterView {
    fn len(&self) -> usize {
        let shift = self.shift.as_ref().map(|shift| [shift.line.as_str(), &shift.sums]);
        let z = self.z.as_ref().map(|(href, label)| [href.as_str(), label, &self.name]);
        let x = self.x.as_deref().map(|href| [href, self.name.as_str()]);
        let texts = [self.href.as_str(), &self.name, &self.about, &self.status, self.colour, &self.heard];
        let texts = texts.into_iter().chain(self.since.as_deref()).chain(shift.into_iter().flatten());
        len_of(REGISTER_LEN, texts.chain(z.into_iter().flatten()).chain(x.into_iter().flatten()))
    }

    /// Whether a report of it can be opened by who asks.
    pub(super) fn has_report(&self) -> bool {
        self.x.is_some() || self.z.is_some()
    }
}

/// The latest shift of a register: its line, and where its documents are.
pub(super) struct ShiftView {
    pub(super) line: String,
    pub(super) sums: String,
    pub(super) documents: Option<String>,
}

/// How an organisation's people call a register: by its alias and its id, or by the id alone.
pub(crate) fn register_name(words: &Words<'_>, record: &RegisterRecord) -> String {
    let id = record.id.to_string();
    match record.alias.as_str() {
        "" => words.say_with("shops-register", &id),
        alias => words.say_values("shops-register-called", &[("alias", alias), ("id", &id)]),
    }
}

/// The name of a shop in the page's language; of one without, what stands in its place.
pub(super) fn title_of(words: &Words<'_>, point: &TradePoint) -> String {
    let title = title_in(point, words.language);
    if title.is_empty() { words.say("shops-nameless") } else { title.to_owned() }
}

/// Marks on a shop: what it is, and the groups that it is in.
fn badges(words: &Words<'_>, groups: &[ShopGroup], point: &TradePoint) -> Vec<String> {
    let groups = group_names(groups, &point.groups).into_iter().map(str::to_owned);
    point.kind.map(|kind| kind.text(words)).into_iter().chain(groups).collect()
}

/// A shop with its registers.
pub(super) fn shop_view(site: &Site, ask: &Ask, shop: &Shop) -> ShopView {
    let words = site.texts(ask);
    // What has no record cannot be edited.
    let is_kept = !shop.point.title.is_empty() && ask.may(Right::ManageRegisters);
    ShopView {
        title: title_of(&words, &shop.point),
        alone: format!("/c/{}/registers?shop={}", ask.bin(), shop.point.id.0),
        badges: badges(&words, groups_of(ask), &shop.point),
        edit: is_kept.then(|| shop_path(ask.bin(), &shop.point.id)),
        address: address_in(&shop.point, words.language).to_owned(),
        count: words.say_count("shops-registers-count", u64::try_from(shop.all).unwrap_or(u64::MAX)),
        on_line: shop
            .on_line
            .filter(|_| shop.all > 0)
            .map(|count| words.say_with("shops-on-line-count", &count.to_string())),
        registers: shop.registers.iter().map(|line| register_view(site, ask, line)).collect(),
    }
}

/// A register with what is told of it in one line.
pub(super) fn register_view(site: &Site, ask: &Ask, line: &RegisterLine) -> RegisterView {
    let (words, record) = (site.texts(ask), &line.record);
    let href = Whose::of(ask).register_path(record.id);
    let may_read = may_read(ask);
    let numbers = [("serial", record.serial_number.as_str()), ("rnm", record.fns_kkm_id.as_str())];
    RegisterView {
        name: register_name(&words, record),
        about: format!("{} · {}", record.model, words.say_values("shops-numbers", &numbers)),
        status: status_text(&words, line.status),
        colour: status_colour(line.status),
        since: line.since.map(|since| words.say_with("shops-since", &site.day(ask, since))),
        heard: heard_text(site, ask, line),
        is_on_line: is_on_line(line.heard_at, site.office.now()),
        shift: line.shift.as_ref().map(|shift| shift_view(&words, ask, &href, shift)),
        x: has_x(line).then(|| format!("{href}/x")).filter(|_| may_read),
        z: last_z(line).filter(|_| may_read).map(|number| {
            let number = number.to_string();
            (format!("{href}/shifts/{number}/z"), words.say_with("shops-z-number", &number))
        }),
        href,
    }
}

/// A register that is served has an X report, also of no shift; one that is stopped has it while a shift is open.
fn has_x(line: &RegisterLine) -> bool {
    line.status == Some(StatusName::Active) || line.shift.as_ref().is_some_and(|shift| shift.is_open)
}

/// The number of the last closed shift, where there was one: it has a Z.
fn last_z(line: &RegisterLine) -> Option<u32> {
    line.state.as_ref().map(Register::last_closed_number).filter(|number| *number > 0)
}

/// Whether a register is on line, and since when it is not.
fn heard_text(site: &Site, ask: &Ask, line: &RegisterLine) -> String {
    let words = site.texts(ask);
    match line.heard_at {
        _ if is_on_line(line.heard_at, site.office.now()) => words.say("shops-on-line"),
        Some(at) => words.say_with("shops-silent-since", &site.moment(ask, at)),
        None => words.say("shops-never-heard"),
    }
}

fn shift_view(words: &Words<'_>, ask: &Ask, href: &str, shift: &ShiftLine) -> ShiftView {
    let number = shift.number.to_string();
    let at = format::moment(words.language, shift.closed_at.unwrap_or(shift.opened_at));
    let key = if shift.is_open { "shops-shift-open" } else { "shops-shift-closed" };
    let sums = [
        ("sales", shift.sales.count.to_string()),
        ("sold", format::sum(words.language, shift.sales.sum.get())),
        ("returns", shift.returns.count.to_string()),
        ("returned", format::sum(words.language, shift.returns.sum.get())),
    ];
    let sums = sums.each_ref().map(|(name, value)| (*name, value.as_str()));
    let may_read = may_read(ask);
    ShiftView {
        line: words.say_values(key, &[("number", &number), ("at", &at)]),
        sums: words.say_values("shops-shift-sums", &sums),
        documents: may_read.then(|| format!("{href}/shifts/{number}/documents")),
    }
}
