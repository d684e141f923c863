//! Policies along a chain (RFC 5280 sections 6.1.2 to 6.1.5), for whoever accepts any policy.
//!
//! Nobody here asks for a policy of his own, so all that can go wrong is that a CA demands one and none is left. Of the
//! standard's tree only the lowest level is needed for that.

use der::asn1::ObjectIdentifier;

use crate::limits::OIDS_MAX;
use crate::oid;
use crate::tlv::{FormatError, INTEGER, Items, context_primitive};

const WHAT: &str = "a certificate";

/// What a certificate says of policies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Policies {
    /// `None`: without certificatePolicies.
    pub(crate) list: Option<Vec<ObjectIdentifier>>,
    /// Policies of the issuer, and those of the subject that equal them.
    pub(crate) mappings: Vec<(ObjectIdentifier, ObjectIdentifier)>,
    /// After how many certificates a policy is demanded.
    require_explicit: Option<u64>,
    /// After how many certificates mappings count no more.
    inhibit_mapping: Option<u64>,
    /// After how many certificates anyPolicy counts no more.
    inhibit_any: Option<u64>,
}

impl Policies {
    pub(crate) fn read_list(&mut self, der: &[u8]) -> Result<(), FormatError> {
        let mut items = Items::sequence(der, WHAT)?;
        let mut found = Vec::new();
        while !items.is_empty() {
            is_within(found.len())?;
            found.push(items.nested(WHAT)?.oid()?);
        }
        self.list = Some(found);
        Ok(())
    }

    pub(crate) fn read_mappings(&mut self, der: &[u8]) -> Result<(), FormatError> {
        let mut items = Items::sequence(der, WHAT)?;
        while !items.is_empty() {
            is_within(self.mappings.len())?;
            let mut pair = items.nested(WHAT)?;
            self.mappings.push((pair.oid()?, pair.oid()?));
            pair.finish()?;
        }
        Ok(())
    }

    pub(crate) fn read_constraints(&mut self, der: &[u8]) -> Result<(), FormatError> {
        let mut items = Items::sequence(der, WHAT)?;
        for (number, place) in [(0, &mut self.require_explicit), (1, &mut self.inhibit_mapping)] {
            if let Some(item) = items.optional(context_primitive(number))? {
                *place = Some(count(item.value));
            }
        }
        items.finish()
    }

    pub(crate) fn read_inhibit_any(&mut self, der: &[u8]) -> Result<(), FormatError> {
        let mut items = Items::new(der, WHAT)?;
        self.inhibit_any = Some(count(items.expect(INTEGER)?.value));
        items.finish()
    }

    fn has_any(&self) -> bool {
        self.list.iter().flatten().any(|policy| *policy == oid::ANY_POLICY)
    }
}

fn is_within(count: usize) -> Result<(), FormatError> {
    if count < OIDS_MAX { Ok(()) } else { Err(FormatError::TooMuch { what: WHAT, limit: OIDS_MAX }) }
}

/// A number of certificates. No chain is as long as what does not fit.
fn count(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum: u64, byte| sum.saturating_mul(256).saturating_add(u64::from(*byte)))
}

/// A policy that is valid so far, and which ones the next certificate may name for it.
struct Node {
    policy: ObjectIdentifier,
    expected: Vec<ObjectIdentifier>,
}

impl Node {
    fn of(policy: ObjectIdentifier) -> Self {
        Self { policy, expected: vec![policy] }
    }
}

/// One certificate of a chain: what it says, and whether it is of its own issuer.
pub(crate) struct Link<'a> {
    pub(crate) policies: &'a Policies,
    pub(crate) is_self_issued: bool,
}

/// The variables of section 6.1.2.
struct State {
    /// Empty: no policy is valid.
    level: Vec<Node>,
    explicit: u64,
    mapping: u64,
    any: u64,
}

/// Whether a chain has the policies that its CAs demand. From below the root to the leaf.
pub(crate) fn hold(chain: &[Link<'_>]) -> bool {
    let most = u64::try_from(chain.len()).unwrap_or(u64::MAX).saturating_add(1);
    let level = vec![Node::of(oid::ANY_POLICY)];
    let mut state = State { level, explicit: most, mapping: most, any: most };
    for (index, link) in chain.iter().enumerate() {
        let is_last = index + 1 == chain.len();
        state.take(link, is_last);
        if state.explicit == 0 && state.level.is_empty() {
            return false;
        }
        if !is_last && !state.prepare(link) {
            return false;
        }
    }
    let last = chain.last().and_then(|link| link.policies.require_explicit);
    let explicit = if last == Some(0) { 0 } else { state.explicit.saturating_sub(1) };
    explicit > 0 || !state.level.is_empty()
}

impl State {
    /// Section 6.1.3 (d) and (e).
    fn take(&mut self, link: &Link<'_>, is_last: bool) {
        let above = std::mem::take(&mut self.level);
        let Some(list) = &link.policies.list else { return };
        let has_any_above = above.iter().any(|node| node.policy == oid::ANY_POLICY);
        for policy in list.iter().filter(|policy| **policy != oid::ANY_POLICY) {
            if has_any_above || above.iter().any(|node| node.expected.contains(policy)) {
                self.add(*policy);
            }
        }
        let counts_any = self.any > 0 || (!is_last && link.is_self_issued);
        if link.policies.has_any() && counts_any {
            for policy in above.iter().flat_map(|node| &node.expected) {
                self.add(*policy);
            }
        }
    }

    fn add(&mut self, policy: ObjectIdentifier) {
        if !self.level.iter().any(|node| node.policy == policy) {
            self.level.push(Node::of(policy));
        }
    }

    /// Section 6.1.4 (a), (b), (h), (i) and (j); `false`: the certificate may not say what it says.
    fn prepare(&mut self, link: &Link<'_>) -> bool {
        let policies = link.policies;
        let is_any = |(from, to): &(ObjectIdentifier, ObjectIdentifier)| {
            *from == oid::ANY_POLICY || *to == oid::ANY_POLICY
        };
        if policies.mappings.iter().any(is_any) {
            return false;
        }
        if self.mapping > 0 {
            self.map(&policies.mappings)
        } else {
            self.unmap(&policies.mappings)
        }
        if !link.is_self_issued {
            for counter in [&mut self.explicit, &mut self.mapping, &mut self.any] {
                *counter = counter.saturating_sub(1);
            }
        }
        for (counter, limit) in [
            (&mut self.explicit, policies.require_explicit),
            (&mut self.mapping, policies.inhibit_mapping),
            (&mut self.any, policies.inhibit_any),
        ] {
            *counter = limit.map_or(*counter, |limit| limit.min(*counter));
        }
        true
    }

    fn map(&mut self, mappings: &[(ObjectIdentifier, ObjectIdentifier)]) {
        let has_any = self.level.iter().any(|node| node.policy == oid::ANY_POLICY);
        let mut done = Vec::new();
        for (from, _) in mappings {
            if done.contains(from) {
                continue;
            }
            done.push(*from);
            if has_any {
                self.add(*from);
            }
            if let Some(node) = self.level.iter_mut().find(|node| node.policy == *from) {
                node.expected =
                    mappings.iter().filter(|(other, _)| other == from).map(|(_, to)| *to).collect();
            }
        }
    }

    fn unmap(&mut self, mappings: &[(ObjectIdentifier, ObjectIdentifier)]) {
        self.level.retain(|node| !mappings.iter().any(|(from, _)| *from == node.policy));
    }
}

#[cfg(test)]
mod tests {
    use super::{Link, Policies, hold};
    use crate::oid;
    use der::asn1::ObjectIdentifier;

    const ONE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.398.3.3.2.1");
    const TWO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.398.3.3.2.2");
    const ANY: ObjectIdentifier = oid::ANY_POLICY;

    fn of(list: &[ObjectIdentifier]) -> Policies {
        Policies { list: Some(list.to_vec()), ..Policies::default() }
    }

    fn demanding(list: &[ObjectIdentifier]) -> Policies {
        Policies { require_explicit: Some(0), ..of(list) }
    }

    fn holds(chain: &[Policies]) -> bool {
        let links: Vec<_> = chain.iter().map(|policies| Link { policies, is_self_issued: false }).collect();
        hold(&links)
    }

    #[test]
    fn nobody_needs_a_policy_that_no_ca_demands() {
        assert!(holds(&[Policies::default(), of(&[ONE])]));
        assert!(holds(&[of(&[ONE]), of(&[TWO])]));
        assert!(holds(&[of(&[ONE]), Policies::default()]));
    }

    #[test]
    fn a_demanded_policy_must_be_named_all_the_way_down() {
        assert!(holds(&[demanding(&[ONE]), of(&[ONE])]));
        assert!(holds(&[demanding(&[ANY]), of(&[ONE])]));
        assert!(holds(&[demanding(&[ONE]), of(&[ANY])]));
        assert!(!holds(&[demanding(&[ONE]), of(&[TWO])]));
        assert!(!holds(&[demanding(&[ONE]), Policies::default()]));
        assert!(!holds(&[demanding(&[ONE]), of(&[ONE]), of(&[TWO])]));
        // Demanded later than the chain is long.
        let late = Policies { require_explicit: Some(3), ..of(&[ONE]) };
        assert!(holds(&[late.clone(), of(&[TWO])]));
        assert!(!holds(&[late, of(&[TWO]), of(&[TWO]), of(&[TWO]), of(&[TWO])]));
        // By the leaf itself.
        assert!(!holds(&[of(&[ONE]), demanding(&[TWO])]));
    }

    #[test]
    fn any_policy_counts_until_it_is_inhibited() {
        let inhibiting = Policies { inhibit_any: Some(0), ..demanding(&[ONE]) };
        assert!(!holds(&[inhibiting.clone(), of(&[ANY])]));
        assert!(holds(&[inhibiting, of(&[ANY, ONE])]));
    }

    #[test]
    fn mapped_policies_stand_for_each_other_unless_that_is_inhibited() {
        let mapping = Policies { mappings: vec![(ONE, TWO)], ..demanding(&[ONE]) };
        assert!(holds(&[mapping.clone(), of(&[TWO])]));
        assert!(!holds(&[mapping.clone(), of(&[ONE])]));
        let inhibiting = Policies { inhibit_mapping: Some(0), ..demanding(&[ONE]) };
        assert!(!holds(&[inhibiting, mapping, of(&[TWO])]));
        let of_any = Policies { mappings: vec![(ANY, TWO)], ..of(&[ANY]) };
        assert!(!holds(&[of_any, of(&[TWO])]));
    }
}
