//! Remembers, per host, which artifact files have been checked in full.
//!
//! Hashing a large artifact in every worker process would cost more than the work itself, so a file is
//! checked in full once per host and after that by its size and manifest. The memory is one small marker
//! file for each checked file, named after everything that changes when the file does.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::atomic_file;
use super::content_hash::{ContentHash, Sha256};

/// A folder of markers, one for each artifact file that has been checked in full on this host.
///
/// A marker stands for one state of one file: its canonical path, size, modification time, and content hash,
/// and on Unix its device, inode and change time. Any other state is unknown and is checked in full. Markers
/// can be deleted at any time; a folder that cannot be read or written means a full check at every open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedCache {
    folder: PathBuf,
}

impl VerifiedCache {
    /// Keeps markers in `folder`, which is created when the first one is written.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The user's own cache: `$XDG_CACHE_HOME/buzzsaw/verified`, else `~/.cache/buzzsaw/verified`
    /// (`%LOCALAPPDATA%\buzzsaw\verified` on Windows). `None` when the environment names no such place.
    pub fn of_user() -> Option<Self> {
        Self::from_environment(|name| std::env::var_os(name))
    }

    fn from_environment(variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        // The XDG specification says to ignore relative paths.
        let absolute = |name| {
            variable(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let caches = if cfg!(windows) {
            absolute("LOCALAPPDATA")
        } else {
            absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))
        };
        Some(Self::at(caches?.join("buzzsaw").join("verified")))
    }

    /// Whether this state of the file has passed a full check on this host.
    pub(super) fn holds(&self, state: &FileState) -> bool {
        // The file name is a hash of the text; comparing the text leaves nothing to chance or to half a file.
        fs::read(self.marker(state)).is_ok_and(|text| text == state.0.as_bytes())
    }

    /// Remembers that this state of the file has passed a full check.
    pub(super) fn remember(&self, state: &FileState) -> io::Result<()> {
        atomic_file::create_private_folder(&self.folder)?;
        atomic_file::write(&self.marker(state), |out| out.write_all(state.0.as_bytes()))
    }

    fn marker(&self, state: &FileState) -> PathBuf {
        self.folder.join(Sha256::of(state.0.as_bytes()).to_string())
    }
}

/// All that tells one state of a file from another, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileState(String);

impl FileState {
    /// The state of the open `file` that was found at `path`.
    pub fn of(path: &Path, file: &File, content: ContentHash) -> io::Result<Self> {
        let path = fs::canonicalize(path)?;
        let known = file.metadata()?;
        let modified = known
            .modified()?
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default()
            .as_nanos();
        let size = known.len();
        let place = place(&known);
        Ok(Self(format!(
            "path {path:?}\nsize {size}\nmodified {modified}\n{place}content {content}\n"
        )))
    }
}

#[cfg(unix)]
fn place(known: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    // The change time also moves when someone sets the modification time back.
    let changed = (known.ctime(), known.ctime_nsec());
    format!(
        "device {}\ninode {}\nchanged {}.{:09}\n",
        known.dev(),
        known.ino(),
        changed.0,
        changed.1
    )
}

#[cfg(not(unix))]
fn place(_: &Metadata) -> String {
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(path: &Path) -> FileState {
        FileState::of(path, &File::open(path).unwrap(), ContentHash::of(&[])).unwrap()
    }

    #[test]
    fn a_state_is_known_once_remembered_and_only_that_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, b"one").unwrap();
        let cache = VerifiedCache::at(folder.path().join("deep/cache"));
        let first = state(&file);
        assert!(!cache.holds(&first));
        cache.remember(&first).unwrap();
        assert!(cache.holds(&first));

        let copy = folder.path().join("b");
        fs::copy(&file, &copy).unwrap();
        assert!(!cache.holds(&state(&copy)));
        let time = fs::metadata(&file).unwrap().modified().unwrap();
        fs::write(&file, b"two").unwrap();
        File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_modified(time)
            .unwrap();
        if cfg!(unix) {
            assert!(
                !cache.holds(&state(&file)),
                "same size and modification time, other change time"
            );
        }
    }

    #[test]
    fn a_damaged_marker_counts_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let cache = VerifiedCache::at(folder.path());
        let known = state(folder.path());
        cache.remember(&known).unwrap();
        fs::write(cache.marker(&known), b"path").unwrap();
        assert!(!cache.holds(&known));
    }

    #[cfg(unix)]
    #[test]
    fn the_users_cache_follows_the_environment() {
        let cache = |pairs: &[(&str, &str)]| {
            VerifiedCache::from_environment(|name| {
                pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.into())
            })
        };
        let both = cache(&[("XDG_CACHE_HOME", "/x"), ("HOME", "/home/u")]);
        assert_eq!(both, Some(VerifiedCache::at("/x/buzzsaw/verified")));
        let relative = cache(&[("XDG_CACHE_HOME", "x"), ("HOME", "/home/u")]);
        assert_eq!(
            relative,
            Some(VerifiedCache::at("/home/u/.cache/buzzsaw/verified"))
        );
        assert_eq!(cache(&[]), None);
    }
}
