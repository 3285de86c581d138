//! The few calls into the JVM that the exports need.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::ptr::null_mut;

use buzzsaw_core::{Error, Result};
use jni_sys::{JNIEnv, jbyte, jbyteArray, jclass, jobject, jobjectArray, jsize, jstring, jthrowable, jvalue};

/// The JVM as one native call sees it; it must not outlive the call.
pub(crate) struct Env(*mut JNIEnv);

/// Calls a function of JNI 1.4, which every JVM that can load the jar has.
///
/// What its `unsafe` rests on, wherever it is used: `Env` is built by an export from the pointer that the JVM passed
/// for this thread and call, so it and its function table are valid; object arguments are references that the JVM
/// passed or returned in this same call; C strings end in NUL; no exception is pending, because every method here
/// returns at once when one is.
macro_rules! jni {
    ($env:expr, $function:ident $(, $argument:expr)*) => {
        // SAFETY: see the macro's documentation; the callers keep it by going through `Env` alone.
        unsafe { ((**$env.0).v1_4.$function)($env.0 $(, $argument)*) }
    };
}

impl Env {
    /// The environment that the JVM passed to the export.
    pub fn new(env: *mut JNIEnv) -> Self {
        Self(env)
    }

    fn refused(what: &str) -> Error {
        Error::internal(format!("the JVM could not {what}"), None)
    }

    /// The bytes of a Java array; a null array is empty.
    pub fn bytes(&self, array: jbyteArray) -> Result<Vec<u8>> {
        if array.is_null() {
            return Ok(Vec::new());
        }
        let length = jni!(self, GetArrayLength, array);
        let mut bytes = vec![0_u8; usize::try_from(length).unwrap_or(0)];
        jni!(
            self,
            GetByteArrayRegion,
            array,
            0,
            length,
            bytes.as_mut_ptr().cast::<jbyte>()
        );
        if jni!(self, ExceptionCheck) {
            Err(Self::refused("read an array"))
        } else {
            Ok(bytes)
        }
    }

    /// A Java array of these bytes.
    pub fn byte_array(&self, bytes: &[u8]) -> Result<jbyteArray> {
        let length = jsize::try_from(bytes.len()).map_err(|_| Self::refused("hold so long an array"))?;
        let array = jni!(self, NewByteArray, length);
        if array.is_null() {
            return Err(Self::refused("make an array"));
        }
        jni!(
            self,
            SetByteArrayRegion,
            array,
            0,
            length,
            bytes.as_ptr().cast::<jbyte>()
        );
        Ok(array)
    }

    /// A Java string; unlike `NewStringUTF` this takes NUL and characters of every plane.
    pub fn string(&self, text: &str) -> Result<jstring> {
        let units: Vec<u16> = text.encode_utf16().collect();
        let length = jsize::try_from(units.len()).map_err(|_| Self::refused("hold so long a string"))?;
        let string = jni!(self, NewString, units.as_ptr(), length);
        if string.is_null() {
            Err(Self::refused("make a string"))
        } else {
            Ok(string)
        }
    }

    /// A Java array of strings.
    pub fn strings<'t>(&self, texts: impl ExactSizeIterator<Item = &'t str>) -> Result<jobjectArray> {
        let class = self.class(c"java/lang/String")?;
        let length = jsize::try_from(texts.len()).map_err(|_| Self::refused("hold so long an array"))?;
        let array = jni!(self, NewObjectArray, length, class, null_mut());
        if array.is_null() {
            return Err(Self::refused("make an array"));
        }
        for (i, text) in (0..length).zip(texts) {
            let string = self.string(text)?;
            jni!(self, SetObjectArrayElement, array, i, string);
            if jni!(self, ExceptionCheck) {
                return Err(Self::refused("fill an array"));
            }
            // A native call has room for a limited number of references.
            jni!(self, DeleteLocalRef, string);
        }
        Ok(array)
    }

    /// Where a direct buffer starts; 0 for any other buffer.
    pub fn direct_address(&self, buffer: jobject) -> i64 {
        if buffer.is_null() {
            0
        } else {
            jni!(self, GetDirectBufferAddress, buffer) as i64
        }
    }

    /// Makes `error` the pending exception, through `failure` of the class whose native method was called, so that
    /// the exception belongs to that class's own class loader. An exception that is pending already stays.
    pub fn throw(&self, class: jclass, error: &Error) -> Result<()> {
        if jni!(self, ExceptionCheck) {
            return Ok(());
        }
        let problems = error.problems();
        let fields: Vec<&str> = problems
            .iter()
            .flat_map(|p| {
                [
                    p.kind.code(),
                    p.message.as_str(),
                    p.place.as_str(),
                    p.hint.as_str(),
                ]
            })
            .collect();
        let fields = self.strings(fields.into_iter())?;
        let backtrace = match error.backtrace() {
            Some(backtrace) => self.string(backtrace)?,
            None => null_mut(),
        };
        let signature = c"([Ljava/lang/String;Ljava/lang/String;)Lio/buzzsaw/BuzzsawException;";
        let method = jni!(
            self,
            GetStaticMethodID,
            class,
            c"failure".as_ptr(),
            signature.as_ptr()
        );
        if method.is_null() {
            return Err(Self::refused("find the method that makes exceptions"));
        }
        let arguments = [jvalue { l: fields }, jvalue { l: backtrace }];
        let exception: jthrowable = jni!(self, CallStaticObjectMethodA, class, method, arguments.as_ptr());
        if !exception.is_null() && !jni!(self, ExceptionCheck) {
            jni!(self, Throw, exception);
        }
        Ok(())
    }

    fn class(&self, name: &CStr) -> Result<jclass> {
        let class = jni!(self, FindClass, name.as_ptr());
        if class.is_null() {
            Err(Self::refused("find a class"))
        } else {
            Ok(class)
        }
    }
}
