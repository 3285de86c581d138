//! Feeds hostile text to the spec parser and compiles what it accepts.
//!
//! Nothing may panic; every problem has a place or a hint; and a spec that is accepted equals the one read back from its
//! canonical JSON.
#![no_main]

use buzzsaw_core::{Pipeline, Spec};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Spec::parse(text) {
        Err(error) => assert!(!error.problems().is_empty()),
        Ok(spec) => {
            let json = spec.to_json().to_string();
            let again = Spec::parse(&json).expect("canonical JSON is a spec");
            assert_eq!(again.to_json().to_string(), json);
            let _ = Pipeline::from_spec(spec);
        }
    }
});
