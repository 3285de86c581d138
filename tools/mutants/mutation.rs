//! Which mutant runs: the number in `BUZZSAW_MUTANT`. Written into the copy of the crate that `tools/mutants` compiles.
//!
//! When `BUZZSAW_MUTANTS_SEEN` names a file, the numbers of all mutants whose place was reached are written to it.

use std::fs::File;
use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

struct Switch {
    active: u32,
    seen: Option<File>,
}

static SWITCH: OnceLock<Switch> = OnceLock::new();
static SEEN: [AtomicBool; 1 << 16] = [const { AtomicBool::new(false) }; 1 << 16];

fn switch() -> Switch {
    let active = std::env::var("BUZZSAW_MUTANT").map_or(0, |number| number.parse().unwrap());
    let seen = std::env::var_os("BUZZSAW_MUTANTS_SEEN").map(|path| File::create(path).unwrap());
    Switch { active, seen }
}

/// Which of these mutants runs, 0 for none.
pub fn of(numbers: &[u32]) -> u32 {
    let switch = SWITCH.get_or_init(switch);
    if let Some(seen) = &switch.seen {
        // The mutants of a place are always asked for together.
        if !SEEN[numbers[0] as usize].swap(true, Ordering::Relaxed) {
            let lines: String = numbers.iter().map(|number| format!("{number}\n")).collect();
            (&*seen).write_all(lines.as_bytes()).unwrap();
        }
    }
    if numbers.contains(&switch.active) { switch.active } else { 0 }
}
