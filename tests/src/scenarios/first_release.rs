//! A store that the first release wrote: every program after it opens it, and its registers sell on.
//!
//! `data/first_release` was written by that release: three registers with three closed shifts and an open one each,
//! lost answers, offline receipts, a block and a token reset. `registers.json` is what its API said of them.

use std::fs;
use std::path::{Path, PathBuf};

use ofd_loadtest::{Document, Fleet};
use ofd_protocol::types::Token;
use serde_json::Value;

use crate::api::Api;
use crate::device::{Device, Way};
use crate::process::Setup;

/// How many documents the store holds.
pub const DOCUMENTS: usize = 88;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/first_release")
}

/// A folder for the fleet of the store.
pub fn setup() -> Setup {
    Setup::with_fleet(
        Fleet::read(&data().join("fleet.json")).expect("the fleet of the first release is read"),
    )
}

/// Lays a copy of the store into a folder.
pub fn lay(folder: &Path) {
    copy_folder(&data().join("store"), folder);
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the store is there") {
        let entry = entry.expect("the folder is read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file is copied");
        }
    }
}

/// Every register is as it was left, and after a close, which its open shift needs by now, it sells.
pub async fn sells_on(setup: &Setup) {
    let mut server = setup.start().await;
    let api = Api::of(&server);
    let text = fs::read_to_string(data().join("registers.json")).expect("what was said of the registers");
    let said: Vec<Value> = serde_json::from_str(&text).expect("it is JSON");
    for (identity, said) in setup.fleet.registers().zip(&said) {
        let id = identity.id.0;
        let now = api.register(id).await;
        for (field, before) in said.as_object().expect("a register is an object") {
            assert_eq!(&now[field], before, "register {id}: {field}");
        }
        if said["status"] == "blocked" {
            api.change(id, "unblock", None).await;
        }
        let token = Token(api.reset_token(id).await);
        let identity = ofd_loadtest::Identity { token, ..identity };
        // Its own counters were with the till that wrote the store: what it finds different is not looked at.
        let mut device = Device::new(identity, 203, Way::Plain.endpoint(setup));
        device.send(Document::Close { withdraw: false }).await.accepted();
        device.sell().await;
        let shift = &api.register(id).await["shift"];
        assert_eq!(
            (&shift["number"], &shift["documents"]),
            (&Value::from(5), &Value::from(1)),
            "register {id}"
        );
    }
    server.stop().await;
    setup.verify().await;
    assert_eq!(setup.export().await.len(), DOCUMENTS + 2 * said.len());
}
