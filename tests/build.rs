//! Generates the two oracles from the schema of the protocol; neither needs protoc.

use std::path::PathBuf;
use std::{env, error, fs};

/// Labels of a field descriptor.
const LABEL_OPTIONAL: i32 = 1;
const LABEL_REQUIRED: i32 = 2;

fn main() -> Result<(), Box<dyn error::Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../protocol/schema");
    let schema = folder.join("kkm.proto");
    println!("cargo::rerun-if-changed={}", schema.display());
    println!("cargo::rerun-if-changed=build.rs");
    lenient(&folder, &schema)?;
    strict(&folder, &schema)
}

/// prost, with every required field made optional: so it tells a field that is missing from one that is zero, and
/// reads whatever devices leave out.
fn lenient(folder: &PathBuf, schema: &PathBuf) -> Result<(), Box<dyn error::Error>> {
    let mut files = protox::compile([schema], [folder])?;
    for message in files.file.iter_mut().flat_map(|file| &mut file.message_type) {
        if !message.nested_type.is_empty() {
            return Err("messages of the schema are not nested: what relaxes labels walks one level".into());
        }
        for field in message.field.iter_mut().filter(|field| field.label == Some(LABEL_REQUIRED)) {
            field.label = Some(LABEL_OPTIONAL);
        }
    }
    let mut config = prost_build::Config::new();
    config.type_attribute(".", "#[derive(serde::Serialize)]");
    for message in files.file.iter().flat_map(|file| &file.message_type) {
        // Only fields that are there appear in the JSON, as in the golden vectors. Named by message, since an
        // attribute for all fields would reach the variants of enums too.
        let fields = format!(".ofd.kkm.{}", message.name());
        config
            .field_attribute(fields, "#[serde(skip_serializing_if = \"crate::oracle::Absent::is_absent\")]");
    }
    config.compile_fds(files)?;
    Ok(())
}

/// rust-protobuf, with the labels as they are: it refuses what lacks a required field at any depth.
fn strict(folder: &PathBuf, schema: &PathBuf) -> Result<(), Box<dyn error::Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?).join("strict");
    fs::create_dir_all(&out)?;
    protobuf_codegen::Codegen::new().pure().include(folder).input(schema).out_dir(out).run()?;
    Ok(())
}
