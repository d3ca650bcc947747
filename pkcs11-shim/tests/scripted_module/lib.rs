//! SoftHSM2 with what it lacks, for tests: a keypad, slot events, and signatures that take their time. Its environment says
//! what they do:
//!
//! - `SCRIPTED_KEYPAD=user/so/new`: the PINs that a person types on the token, each as often as the token asks; an empty
//!   one is the red key. Then a PIN from outside is refused.
//! - `SCRIPTED_EVENTS=fifo`: each byte written to the FIFO `SCRIPTED_FIFO` is an event. `always`: there is one whenever
//!   somebody asks. `never-ends`: a wait never ends, not even by `C_Finalize`. `holds`: `C_Finalize` doesn't end either.
//!   These two write a byte to the FIFO when the wait begins.
//! - `SCRIPTED_SIGN`: each signature takes until there is a byte for it in the FIFO of this name. When it begins, a byte is
//!   added to the file `SCRIPTED_BEGUN`.
#![allow(missing_docs, clippy::unwrap_used, reason = "what fails here fails the test")]

use std::env;
use std::ffi::c_void;
use std::fs::{File, OpenOptions};
use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::OnceLock;

use cryptoki_sys as sys;
use rustix::event::{PollFd, PollFlags, Timespec};

struct Scripted {
    real: sys::CK_FUNCTION_LIST,
    keypad: Option<[String; 3]>,
    events: String,
    fifo: Option<File>,
    finalizing: (PipeReader, PipeWriter),
    signing: Option<Signing>,
}

/// What a signature waits for, and where it says so.
struct Signing {
    fifo: File,
    begun: File,
}

fn scripted() -> &'static Scripted {
    static SCRIPTED: OnceLock<Scripted> = OnceLock::new();
    SCRIPTED.get_or_init(|| {
        // SAFETY: SoftHSM2, which the test names.
        let library = ManuallyDrop::new(unsafe { sys::Pkcs11::new(env::var_os("SCRIPTED_REAL").unwrap()) }.unwrap());
        let mut list = ptr::null_mut();
        // SAFETY: writes one pointer.
        let result = unsafe { library.C_GetFunctionList(&raw mut list) };
        assert_eq!(result, sys::CKR_OK);
        let keypad = env::var("SCRIPTED_KEYPAD").ok();
        let keypad = keypad.map(|typed| typed.split('/').map(String::from).collect::<Vec<_>>().try_into().unwrap());
        let open = |path| OpenOptions::new().read(true).write(true).open(path).unwrap();
        let append = |path| OpenOptions::new().append(true).create(true).open(path).unwrap();
        Scripted {
            // SAFETY: the list of a library that stays loaded.
            real: unsafe { *list },
            keypad,
            events: env::var("SCRIPTED_EVENTS").unwrap_or_default(),
            fifo: env::var_os("SCRIPTED_FIFO").map(open),
            finalizing: pipe().unwrap(),
            signing: env::var_os("SCRIPTED_SIGN")
                .map(|fifo| Signing { fifo: open(fifo), begun: append(env::var_os("SCRIPTED_BEGUN").unwrap()) }),
        }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn C_GetFunctionList(list: *mut *mut sys::CK_FUNCTION_LIST) -> sys::CK_RV {
    let mut ours = scripted().real;
    ours.C_GetFunctionList = Some(C_GetFunctionList);
    ours.C_WaitForSlotEvent = Some(wait_for_slot_event);
    ours.C_Finalize = Some(finalize);
    ours.C_Sign = Some(sign);
    if scripted().keypad.is_some() {
        ours.C_GetTokenInfo = Some(get_token_info);
        ours.C_Login = Some(login);
        ours.C_SetPIN = Some(set_pin);
        ours.C_InitPIN = Some(init_pin);
    }
    // SAFETY: the caller gives room for a pointer.
    unsafe { *list = Box::leak(Box::new(ours)) };
    sys::CKR_OK
}

unsafe extern "C" fn wait_for_slot_event(
    flags: sys::CK_FLAGS,
    slot: *mut sys::CK_SLOT_ID,
    reserved: *mut c_void,
) -> sys::CK_RV {
    let blocks = flags & sys::CKF_DONT_BLOCK == 0;
    let Scripted { real, events, fifo, finalizing, .. } = scripted();
    match events.as_str() {
        "fifo" => next_event(fifo.as_ref().unwrap(), &finalizing.0, blocks),
        "always" => sys::CKR_OK,
        "never-ends" | "holds" if blocks => {
            fifo.as_ref().unwrap().write_all(b".").unwrap();
            loop {
                std::thread::park();
            }
        }
        // SAFETY: passed on.
        _ => unsafe { real.C_WaitForSlotEvent.unwrap()(flags, slot, reserved) },
    }
}

fn next_event(mut fifo: &File, finalizing: &PipeReader, blocks: bool) -> sys::CK_RV {
    let mut waiting = [PollFd::new(fifo, PollFlags::IN), PollFd::new(finalizing, PollFlags::IN)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    rustix::event::poll(&mut waiting, if blocks { None } else { Some(&at_once) }).unwrap();
    if !waiting[1].revents().is_empty() {
        return sys::CKR_CRYPTOKI_NOT_INITIALIZED;
    }
    if waiting[0].revents().is_empty() {
        return sys::CKR_NO_EVENT;
    }
    fifo.read_exact(&mut [0]).unwrap();
    sys::CKR_OK
}

unsafe extern "C" fn finalize(reserved: *mut c_void) -> sys::CK_RV {
    let Scripted { real, events, finalizing, .. } = scripted();
    (&finalizing.1).write_all(b".").unwrap();
    if events == "holds" {
        loop {
            std::thread::park();
        }
    }
    // SAFETY: passed on.
    unsafe { real.C_Finalize.unwrap()(reserved) }
}

unsafe extern "C" fn sign(
    session: sys::CK_SESSION_HANDLE,
    data: *mut u8,
    data_length: sys::CK_ULONG,
    signature: *mut u8,
    length: *mut sys::CK_ULONG,
) -> sys::CK_RV {
    if let Some(Signing { fifo, begun }) = &scripted().signing {
        (&mut &*begun).write_all(b".").unwrap();
        (&mut &*fifo).read_exact(&mut [0]).unwrap();
    }
    // SAFETY: passed on.
    unsafe { scripted().real.C_Sign.unwrap()(session, data, data_length, signature, length) }
}

unsafe extern "C" fn get_token_info(slot: sys::CK_SLOT_ID, info: *mut sys::CK_TOKEN_INFO) -> sys::CK_RV {
    // SAFETY: passed on.
    let result = unsafe { scripted().real.C_GetTokenInfo.unwrap()(slot, info) };
    if result == sys::CKR_OK {
        // SAFETY: the caller's, filled by SoftHSM2.
        unsafe { (*info).flags |= sys::CKF_PROTECTED_AUTHENTICATION_PATH };
    }
    result
}

/// What the person types where the caller gives NULL; the others are refused.
fn typed(which: usize, given: *const u8) -> Result<(*mut u8, sys::CK_ULONG), sys::CK_RV> {
    let pin = &scripted().keypad.as_ref().unwrap()[which];
    match (given.is_null(), pin.len()) {
        (false, _) => Err(sys::CKR_ARGUMENTS_BAD),
        (true, 0) => Err(sys::CKR_FUNCTION_CANCELED),
        (true, length) => Ok((pin.as_ptr().cast_mut(), length as sys::CK_ULONG)),
    }
}

unsafe extern "C" fn login(
    session: sys::CK_SESSION_HANDLE,
    user: sys::CK_USER_TYPE,
    pin: *mut u8,
    _: sys::CK_ULONG,
) -> sys::CK_RV {
    match typed(usize::from(user == sys::CKU_SO), pin) {
        // SAFETY: a PIN of the static keypad.
        Ok((pin, length)) => unsafe { scripted().real.C_Login.unwrap()(session, user, pin, length) },
        Err(refused) => refused,
    }
}

unsafe extern "C" fn set_pin(
    session: sys::CK_SESSION_HANDLE,
    old: *mut u8,
    _: sys::CK_ULONG,
    new: *mut u8,
    _: sys::CK_ULONG,
) -> sys::CK_RV {
    match (typed(0, old), typed(2, new)) {
        (Ok((old, old_length)), Ok((new, new_length))) => {
            // SAFETY: PINs of the static keypad.
            unsafe { scripted().real.C_SetPIN.unwrap()(session, old, old_length, new, new_length) }
        }
        (Err(refused), _) | (_, Err(refused)) => refused,
    }
}

unsafe extern "C" fn init_pin(session: sys::CK_SESSION_HANDLE, new: *mut u8, _: sys::CK_ULONG) -> sys::CK_RV {
    match typed(2, new) {
        // SAFETY: a PIN of the static keypad.
        Ok((new, length)) => unsafe { scripted().real.C_InitPIN.unwrap()(session, new, length) },
        Err(refused) => refused,
    }
}
