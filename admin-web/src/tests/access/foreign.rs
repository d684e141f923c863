//! Ids of another organisation, in the address of one that the same person works in.

use super::*;

/// Names of a path by which things of all organisations are told apart; addresses, papers and the like are counted by each.
const OF_ALL: [&str; 3] = ["{register}", "{shop}", "{account}"];

#[tokio::test]
async fn what_is_of_another_organisation_is_not_found_by_who_works_in_both() {
    let town = Town::open().await;
    let keeper = town.before[1].members[0].account;
    let colleague = town.persona_of(Role::Accountant);
    let rows = town.rows().await;
    let mut browser = town.house.sign_in(keeper).await;
    let csrf = town.csrf(&mut browser).await;
    let mut asked = 0;
    for route in routes() {
        let is_member = matches!(route.access, Access::Member(_));
        if !is_member || !OF_ALL.iter().any(|name| route.path.contains(name)) {
            continue;
        }
        // The organisation has people of its own: here it is somebody of the other one.
        let path = town.path(route, THEIRS).replace(&town.target.to_string(), &colleague.to_string());
        let answer = match route.verb() {
            "get" => browser.open(&path).await,
            _ => {
                let body =
                    form_urlencoded::Serializer::new(String::new()).append_pair("csrf", &csrf).finish();
                let kind = [("content-type", "application/x-www-form-urlencoded")];
                browser.send("POST", &path, &kind, body).await
            }
        };
        // Without a request of one's own there is nothing to wait for, whatever the page would be.
        let is_sent_back = answer.status == 303 && route.path.ends_with("/phone");
        assert!(answer.status == 404 || is_sent_back, "{} {path}: {}", route.verb(), answer.status);
        for secret in ["Сарайшық", "203539", "SWK"] {
            assert!(!answer.text.contains(secret), "{path} shows {secret}");
        }
        asked += 1;
    }
    assert!(asked > 30, "only {asked} were asked");
    assert!(town.is_untouched(&rows).await);
}

impl Town {
    fn persona_of(&self, role: Role) -> AccountId {
        let is_it = |persona: &&Persona| persona.place == Some((OURS, role));
        self.personas.iter().find(is_it).and_then(|persona| persona.id).unwrap()
    }
}
