//! Numbers that stand for native objects in Java: a stale one is refused, never followed.

use std::sync::{Arc, PoisonError, RwLock};

use buzzsaw_core::{Error, ErrorKind, Result};

/// Objects by handle. A handle is a position and a generation; closing raises the generation, so that a handle that
/// was closed never names another object.
pub(crate) struct Handles<T> {
    slots: RwLock<Slots<T>>,
    what: &'static str,
}

struct Slots<T> {
    slots: Vec<(u32, Option<Arc<T>>)>,
    free: Vec<u32>,
}

impl<T> Handles<T> {
    /// An empty table of objects that errors call `what`.
    pub const fn new(what: &'static str) -> Self {
        Self {
            slots: RwLock::new(Slots {
                slots: Vec::new(),
                free: Vec::new(),
            }),
            what,
        }
    }

    /// Keeps `object` until its handle is closed. No handle is 0.
    pub fn open(&self, object: T) -> Result<i64> {
        let mut table = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        let at = match table.free.pop() {
            Some(at) => at,
            None => {
                let at = u32::try_from(table.slots.len()).map_err(|_| {
                    Error::new(
                        ErrorKind::ResourceLimit,
                        format!("too many {}s are open", self.what),
                    )
                })?;
                table.slots.push((1, None));
                at
            }
        };
        let (generation, slot) = &mut table.slots[at as usize];
        *slot = Some(Arc::new(object));
        Ok(((u64::from(*generation) << 32) | u64::from(at)) as i64)
    }

    /// The object of `handle`; it lives as long as the returned reference even when it is closed meanwhile.
    pub fn get(&self, handle: i64) -> Result<Arc<T>> {
        let (generation, at) = parts(handle);
        let table = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        match table.slots.get(at) {
            Some((current, Some(object))) if *current == generation => Ok(Arc::clone(object)),
            _ => Err(
                Error::new(ErrorKind::Closed, format!("the {} is closed", self.what))
                    .hint("open it again, and close it after its last use"),
            ),
        }
    }

    /// Closes `handle`; closing one that is closed does nothing.
    pub fn close(&self, handle: i64) {
        let (generation, at) = parts(handle);
        let mut table = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        let closed = match table.slots.get_mut(at) {
            Some((current, slot)) if *current == generation && slot.is_some() => {
                let object = slot.take();
                if let Some(next) = current.checked_add(1) {
                    // A slot whose generations are used up is not used again.
                    *current = next;
                    table.free.push(at as u32);
                }
                object
            }
            _ => None,
        };
        // Dropping a large object must not hold up the table.
        drop(table);
        drop(closed);
    }
}

fn parts(handle: i64) -> (u32, usize) {
    (
        (handle as u64 >> 32) as u32,
        (handle as u64 & 0xffff_ffff) as usize,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_handles_stay_closed_when_their_slot_is_used_again() {
        let handles = Handles::new("thing");
        let first = handles.open("first").unwrap();
        let held = handles.get(first).unwrap();
        handles.close(first);
        handles.close(first);
        let second = handles.open("second").unwrap();
        assert_ne!(first, second);
        assert_eq!(handles.get(first).unwrap_err().kind(), ErrorKind::Closed);
        handles.close(first);
        assert_eq!(
            *handles.get(second).unwrap(),
            "second",
            "closing a stale handle closes nothing else"
        );
        assert_eq!(*held, "first", "what is in use outlives its handle");
        for odd in [0, -1, i64::MAX, i64::MIN] {
            assert!(handles.get(odd).is_err());
            handles.close(odd);
        }
    }
}
