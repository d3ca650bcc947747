//! The module's own functions where `cryptoki` won't do: it copies PINs to the heap, has no NULL PIN for some calls, leaves
//! no room for a login between `C_SignInit` and `C_Sign`, and knows no numbers but those of the standard and those above
//! `CK*_VENDOR_DEFINED`.

use std::mem::ManuallyDrop;
use std::path::Path;
use std::ptr;

use cryptoki::object::ObjectHandle;
use cryptoki::session::Session;
use cryptoki_sys as sys;

use crate::entry::PinEntry;
use crate::pin;

type LoginFunction =
    unsafe extern "C" fn(sys::CK_SESSION_HANDLE, sys::CK_USER_TYPE, *mut sys::CK_UTF8CHAR, sys::CK_ULONG) -> sys::CK_RV;
type InitPinFunction = unsafe extern "C" fn(sys::CK_SESSION_HANDLE, *mut sys::CK_UTF8CHAR, sys::CK_ULONG) -> sys::CK_RV;
type SetPinFunction = unsafe extern "C" fn(
    sys::CK_SESSION_HANDLE,
    *mut sys::CK_UTF8CHAR,
    sys::CK_ULONG,
    *mut sys::CK_UTF8CHAR,
    sys::CK_ULONG,
) -> sys::CK_RV;
type SignFunction = unsafe extern "C" fn(
    sys::CK_SESSION_HANDLE,
    *mut sys::CK_BYTE,
    sys::CK_ULONG,
    *mut sys::CK_BYTE,
    *mut sys::CK_ULONG,
) -> sys::CK_RV;
type SignInitFunction =
    unsafe extern "C" fn(sys::CK_SESSION_HANDLE, *mut sys::CK_MECHANISM, sys::CK_OBJECT_HANDLE) -> sys::CK_RV;
type AttributeFunction = unsafe extern "C" fn(
    sys::CK_SESSION_HANDLE,
    sys::CK_OBJECT_HANDLE,
    *mut sys::CK_ATTRIBUTE,
    sys::CK_ULONG,
) -> sys::CK_RV;
type WaitFunction = unsafe extern "C" fn(sys::CK_FLAGS, *mut sys::CK_SLOT_ID, *mut std::ffi::c_void) -> sys::CK_RV;

/// As whom to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoginAs {
    /// `CKU_USER`.
    User,
    /// `CKU_SO`.
    So,
    /// `CKU_CONTEXT_SPECIFIC`: once more, for the operation that the session has begun.
    ContextSpecific,
}

/// Functions of the loaded module. A function that a module lacks answers `CKR_FUNCTION_NOT_SUPPORTED`.
pub(crate) struct RawFunctions {
    login: LoginFunction,
    init_pin: Option<InitPinFunction>,
    set_pin: Option<SetPinFunction>,
    attribute: Option<AttributeFunction>,
    sign_init: Option<SignInitFunction>,
    sign: Option<SignFunction>,
    slot_events: Option<SlotEvents>,
    // Never unloaded: threads and exit handlers of the module may still point into it.
    _library: ManuallyDrop<sys::Pkcs11>,
}

impl RawFunctions {
    /// Finds them in the library that `cryptoki` has loaded from the same path. `None` without `C_Login`.
    pub(crate) fn load(library: &Path) -> Option<Self> {
        // SAFETY: loading runs the module's constructors, which is what this process is for; the configuration names it.
        let library = ManuallyDrop::new(unsafe { sys::Pkcs11::new(library) }.ok()?);
        let get = *library.C_GetFunctionList.as_ref().ok()?;
        let mut list: *mut sys::CK_FUNCTION_LIST = ptr::null_mut();
        // SAFETY: C_GetFunctionList (PKCS#11 3.0, 5.4.4) may be called at any time and writes one pointer.
        let result = unsafe { get(&raw mut list) };
        if result != sys::CKR_OK || list.is_null() {
            return None;
        }
        // SAFETY: on CKR_OK the pointer is that of the module's static function list, which has this layout.
        let list = unsafe { *list };
        Some(Self {
            login: list.C_Login?,
            init_pin: list.C_InitPIN,
            set_pin: list.C_SetPIN,
            attribute: list.C_GetAttributeValue,
            sign_init: list.C_SignInit,
            sign: list.C_Sign,
            slot_events: list.C_WaitForSlotEvent.map(SlotEvents),
            _library: library,
        })
    }

    /// Exactly one call of `C_Login`, straight from the locked page.
    pub(crate) fn login(&self, session: &Session, user: LoginAs, pin: &PinEntry) -> sys::CK_RV {
        let user = match user {
            LoginAs::User => sys::CKU_USER,
            LoginAs::So => sys::CKU_SO,
            LoginAs::ContextSpecific => sys::CKU_CONTEXT_SPECIFIC,
        };
        let (pointer, length) = pin.argument();
        // SAFETY: the session is open and used by no other thread while it is borrowed; the pointer is to `length` bytes
        // that live as long as the entry.
        let result = unsafe { (self.login)(session.handle(), user, pointer, length) };
        pin::scrub_stack();
        result
    }

    /// Exactly one call of `C_SetPIN`.
    pub(crate) fn set_pin(&self, session: &Session, old: &PinEntry, new: &PinEntry) -> sys::CK_RV {
        let Some(set_pin) = self.set_pin else { return sys::CKR_FUNCTION_NOT_SUPPORTED };
        let ((old, old_length), (new, new_length)) = (old.argument(), new.argument());
        // SAFETY: as for C_Login.
        let result = unsafe { set_pin(session.handle(), old, old_length, new, new_length) };
        pin::scrub_stack();
        result
    }

    /// Exactly one call of `C_InitPIN`.
    pub(crate) fn init_pin(&self, session: &Session, new: &PinEntry) -> sys::CK_RV {
        let Some(init_pin) = self.init_pin else { return sys::CKR_FUNCTION_NOT_SUPPORTED };
        let (pointer, length) = new.argument();
        // SAFETY: as for C_Login.
        let result = unsafe { init_pin(session.handle(), pointer, length) };
        pin::scrub_stack();
        result
    }

    /// The value of one attribute, of any number, that fits into `room`. `None` when the module doesn't say.
    pub(crate) fn attribute<'a>(
        &self,
        session: &Session,
        object: ObjectHandle,
        number: u64,
        room: &'a mut [u8],
    ) -> Option<&'a [u8]> {
        let get = self.attribute?;
        let mut attribute = sys::CK_ATTRIBUTE {
            type_: number as sys::CK_ATTRIBUTE_TYPE,
            pValue: room.as_mut_ptr().cast(),
            ulValueLen: room.len() as sys::CK_ULONG,
        };
        // SAFETY: the session is ours for the call; one attribute is passed, and at most its length is written to `room`.
        let result = unsafe { get(session.handle(), object.handle(), &raw mut attribute, 1) };
        let length = usize::try_from(attribute.ulValueLen).ok()?;
        if result == sys::CKR_OK { room.get(..length) } else { None }
    }

    /// `CKA_KEY_TYPE`.
    pub(crate) fn key_type(&self, session: &Session, object: ObjectHandle) -> Option<sys::CK_KEY_TYPE> {
        let mut room = [0; size_of::<sys::CK_KEY_TYPE>()];
        let length = self.attribute(session, object, sys::CKA_KEY_TYPE, &mut room)?.len();
        (length == room.len()).then(|| sys::CK_KEY_TYPE::from_ne_bytes(room))
    }

    /// `C_SignInit` with a mechanism of any number, without a parameter.
    pub(crate) fn sign_init(&self, session: &Session, mechanism: u64, key: ObjectHandle) -> Result<(), sys::CK_RV> {
        let sign_init = self.sign_init.ok_or(sys::CKR_FUNCTION_NOT_SUPPORTED)?;
        let mut mechanism = sys::CK_MECHANISM {
            mechanism: mechanism as sys::CK_MECHANISM_TYPE,
            pParameter: ptr::null_mut(),
            ulParameterLen: 0,
        };
        // SAFETY: the session is ours for the call, which reads the mechanism and keeps no pointer to it.
        match unsafe { sign_init(session.handle(), &raw mut mechanism, key.handle()) } {
            sys::CKR_OK => Ok(()),
            refused => Err(refused),
        }
    }

    /// Exactly one call of `C_Sign`, without asking for the length first: a module may take that for the signature which
    /// the login was for. Gives the number of bytes written to `signature`.
    pub(crate) fn sign(&self, session: &Session, input: &[u8], signature: &mut [u8]) -> Result<usize, sys::CK_RV> {
        let sign = self.sign.ok_or(sys::CKR_FUNCTION_NOT_SUPPORTED)?;
        let room = signature.len();
        let mut length = room as sys::CK_ULONG;
        // SAFETY: the session is ours for the call; C_Sign reads so many bytes from the first pointer and writes at most
        // `length` bytes to the second.
        let result = unsafe {
            sign(
                session.handle(),
                input.as_ptr().cast_mut(),
                input.len() as sys::CK_ULONG,
                signature.as_mut_ptr(),
                &raw mut length,
            )
        };
        match (result, usize::try_from(length)) {
            (sys::CKR_OK, Ok(length)) if length <= room => Ok(length),
            (sys::CKR_OK, _) => Err(sys::CKR_GENERAL_ERROR),
            (refused, _) => Err(refused),
        }
    }

    /// The function that waits for tokens to come or go, if there is one.
    pub(crate) fn slot_events(&self) -> Option<SlotEvents> {
        self.slot_events
    }
}

/// `C_WaitForSlotEvent`. May outlive the [`RawFunctions`] and the module's initialization, since the library stays loaded.
#[derive(Clone, Copy)]
pub(crate) struct SlotEvents(WaitFunction);

impl SlotEvents {
    /// Waits for an event, for ever or until another thread finalizes the module.
    pub(crate) fn wait(self) -> sys::CK_RV {
        self.call(0)
    }

    /// Takes an event that has happened; `CKR_NO_EVENT` when there is none.
    pub(crate) fn poll(self) -> sys::CK_RV {
        self.call(sys::CKF_DONT_BLOCK)
    }

    fn call(self, flags: sys::CK_FLAGS) -> sys::CK_RV {
        let mut slot: sys::CK_SLOT_ID = 0;
        // SAFETY: writes one slot id; the reserved pointer must be NULL (PKCS#11 3.0, 5.5.4). It may be called in any
        // state of the module, by one thread at a time, and is the one call beside which C_Finalize may be called.
        unsafe { (self.0)(flags, &raw mut slot, ptr::null_mut()) }
    }
}
