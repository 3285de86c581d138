//! The native methods of `io.buzzsaw.internal.Native`, each through the one guard.
#![allow(unsafe_code, non_snake_case)]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::ptr::null_mut;

use buzzsaw_core::{Error, ErrorKind, Folds, Pipeline, Result, Spec};
use jni_sys::{JNIEnv, jboolean, jbyteArray, jclass, jint, jlong, jobject, jobjectArray, jstring};

use crate::describe::{describe, describe_table};
use crate::env::Env;
use crate::guard::guard;
use crate::handles::Handles;
use crate::lifetime;
use crate::memory::slice_mut;
use crate::session::Session;

/// The version of the calls and layouts below; `Native.BOUNDARY` in Java must be the same.
const BOUNDARY: jint = 2;

static PIPELINES: Handles<Pipeline> = Handles::new("pipeline");
static BATCHES: Handles<Session> = Handles::new("batch");

/// Runs `work` under the guard; an error is thrown in Java and `otherwise` returned, which Java never sees.
fn call<T>(env: *mut JNIEnv, class: jclass, otherwise: T, work: impl FnOnce(&Env) -> Result<T>) -> T {
    let env = Env::new(env);
    match guard(|| work(&env)) {
        Ok(value) => value,
        Err(error) => {
            // When even throwing fails, the JVM has an exception of its own pending.
            let _ = guard(|| env.throw(class, &error));
            otherwise
        }
    }
}

macro_rules! exports {
    ($($(#[$doc:meta])* fn $name:ident($env:ident $(, $argument:ident: $type:ty)*) -> $result:ty, or $otherwise:expr, $body:block)+) => {
        $(
            $(#[$doc])*
            // SAFETY: the name is that of one native method of one class, so no other symbol of the process has it.
            #[unsafe(no_mangle)]
            pub extern "system" fn $name(env: *mut JNIEnv, class: jclass $(, $argument: $type)*) -> $result {
                call(env, class, $otherwise, |$env| $body)
            }
        )+
    };
}

exports! {
    /// `int boundary()`: see [`BOUNDARY`]; the first call of a class loader.
    fn Java_io_buzzsaw_internal_Native_boundary(_env) -> jint, or 0, {
        lifetime::outlive_threads()?;
        Ok(BOUNDARY)
    }

    /// `long load(byte[] path)`: opens an artifact file; the path is in the platform's bytes.
    fn Java_io_buzzsaw_internal_Native_load(env, path: jbyteArray) -> jlong, or 0, {
        PIPELINES.open(Pipeline::load(OsStr::from_bytes(&env.bytes(path)?))?)
    }

    /// `long loadBytes(byte[] artifact)`: opens an artifact in memory.
    fn Java_io_buzzsaw_internal_Native_loadBytes(env, artifact: jbyteArray) -> jlong, or 0, {
        PIPELINES.open(Pipeline::from_bytes(env.bytes(artifact)?)?)
    }

    /// `long compile(byte[] spec)`: the pipeline of a spec, in UTF-8, that learns nothing.
    fn Java_io_buzzsaw_internal_Native_compile(env, spec: jbyteArray) -> jlong, or 0, {
        let spec = String::from_utf8(env.bytes(spec)?).map_err(|_| {
            Error::new(ErrorKind::InvalidSpec, "the spec is not UTF-8")
                .at("spec")
                .hint("a text of Java with an unpaired surrogate has none")
        })?;
        PIPELINES.open(Pipeline::from_spec(Spec::parse(&spec)?)?)
    }

    /// `String[] describe(long pipeline)`: see [`describe`].
    fn Java_io_buzzsaw_internal_Native_describe(env, pipeline: jlong) -> jobjectArray, or null_mut(), {
        let parts = describe(&*PIPELINES.get(pipeline)?);
        env.strings(parts.iter().map(String::as_str))
    }

    /// `byte[] save(long pipeline)`: the pipeline's artifact.
    fn Java_io_buzzsaw_internal_Native_save(env, pipeline: jlong) -> jbyteArray, or null_mut(), {
        env.byte_array(&PIPELINES.get(pipeline)?.to_bytes()?)
    }

    /// `void closePipeline(long pipeline)`: what is in use lives on until it is done.
    fn Java_io_buzzsaw_internal_Native_closePipeline(_env, pipeline: jlong) -> (), or (), {
        PIPELINES.close(pipeline);
        Ok(())
    }

    /// `long openBatch(long pipeline, long maxBytes)`: memory for batches of a pipeline whose features take at most
    /// `maxBytes`.
    fn Java_io_buzzsaw_internal_Native_openBatch(_env, pipeline: jlong, max_bytes: jlong) -> jlong, or 0, {
        let limit = usize::try_from(max_bytes).unwrap_or(0);
        BATCHES.open(Session::new(PIPELINES.get(pipeline)?, limit))
    }

    /// `String[] describeTable(long pipeline)`: see [`describe_table`].
    fn Java_io_buzzsaw_internal_Native_describeTable(env, pipeline: jlong) -> jobjectArray, or null_mut(), {
        let parts = describe_table(&*PIPELINES.get(pipeline)?);
        env.strings(parts.iter().map(String::as_str))
    }

    /// `long openTable(long pipeline, boolean training, long maxBytes)`: memory for batches of table rows, as served or, in
    /// training, with the folds of their qids, whose features take at most `maxBytes`.
    fn Java_io_buzzsaw_internal_Native_openTable(
        _env, pipeline: jlong, training: jboolean, max_bytes: jlong
    ) -> jlong, or 0, {
        let folds = if training { Folds::OfQid } else { Folds::Full };
        let limit = usize::try_from(max_bytes).unwrap_or(0);
        BATCHES.open(Session::of_table(PIPELINES.get(pipeline)?, folds, limit))
    }

    /// `void closeBatch(long batch)`: frees its memory once no call uses it.
    fn Java_io_buzzsaw_internal_Native_closeBatch(_env, batch: jlong) -> (), or (), {
        BATCHES.close(batch);
        Ok(())
    }

    /// `boolean transform(long pipeline, long batch, long address, long bytes)`: evaluates the batch whose
    /// descriptor has so many bytes there; false when an output buffer is too short.
    fn Java_io_buzzsaw_internal_Native_transform(
        _env, pipeline: jlong, batch: jlong, address: jlong, bytes: jlong
    ) -> jboolean, or false, {
        BATCHES.get(batch)?.transform(&PIPELINES.get(pipeline)?, slice_mut(address, bytes)?)
    }

    /// `boolean fetch(long batch, long address, long bytes)`: writes the last output again, into longer buffers.
    fn Java_io_buzzsaw_internal_Native_fetch(_env, batch: jlong, address: jlong, bytes: jlong) -> jboolean, or false, {
        BATCHES.get(batch)?.fetch(slice_mut(address, bytes)?)
    }

    /// `void fingerprints(long batch, long address, long bytes)`: one i64 for each row of the last output.
    fn Java_io_buzzsaw_internal_Native_fingerprints(_env, batch: jlong, address: jlong, bytes: jlong) -> (), or (), {
        BATCHES.get(batch)?.fingerprints(address, bytes)
    }

    /// `void servedFingerprints(long batch, long address, long bytes, long out, long outBytes)`: one i64 for each row
    /// of the batch whose descriptor has so many bytes at `address`, as served.
    fn Java_io_buzzsaw_internal_Native_servedFingerprints(
        _env, batch: jlong, address: jlong, bytes: jlong, out: jlong, out_bytes: jlong
    ) -> (), or (), {
        BATCHES.get(batch)?.served_fingerprints(slice_mut(address, bytes)?, out, out_bytes)
    }

    /// `String explain(long pipeline, long batch, long address, long bytes, long row)`: JSON of one row.
    fn Java_io_buzzsaw_internal_Native_explain(
        env, pipeline: jlong, batch: jlong, address: jlong, bytes: jlong, row: jlong
    ) -> jstring, or null_mut(), {
        let json = BATCHES.get(batch)?.explain(&PIPELINES.get(pipeline)?, slice_mut(address, bytes)?, row)?;
        env.string(&json)
    }

    /// `long address(ByteBuffer buffer)`: where a direct buffer starts.
    fn Java_io_buzzsaw_internal_Native_address(env, buffer: jobject) -> jlong, or 0, {
        Ok(env.direct_address(buffer))
    }
}
