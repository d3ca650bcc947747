//! The words of the CA's form, 单位数字证书业务申请表. They are the CA's, in Chinese whatever the user's language is.

use crate::Service;

pub(super) const TITLE: &str = "单位数字证书业务申请表";
pub(super) const PAPERS: &[&str] = &[
    "申请单位须提交本申请表和协议外还须提交以下资料：(所有资料均需加盖单位公章)",
    "1.国家行政机关和事业单位：统一社会信用代码证复印件、经办人有效身份证复印件；",
    "2.社会团体：社会团体法人登记证(副本)复印件、经办人有效身份证件复印件；",
    "3.企业：营业执照（副本）复印件、经办人有效身份证件复印件。",
];
pub(super) const UNIT_NAME: &str = "单位名称*";
pub(super) const UNIT_ADDRESS: &str = "单位地址*";
pub(super) const CITY: &str = "市";
pub(super) const DISTRICT: &str = "区（县）";
pub(super) const UNIT_CODE: &str = "统一社会信用代码*";
pub(super) const UNIT_PHONE: &str = "单位电话*";
pub(super) const DRUGS_ACCOUNT: &str = "药品账号（权限）";
pub(super) const CONSUMABLES_ACCOUNT: &str = "耗材账号（权限）";
pub(super) const SERVICES: &str = "办理内容(勾选)";
pub(super) const SEALS: &str = "印章采集（油印适中，在框内采集三个样本）";
pub(super) const AUTHORIZED_BEFORE: &str = "本单位授权";
pub(super) const AUTHORIZED_AFTER: &str = "(经办人姓名)为企业电子公章业务经办人，办理电子公章申请业务。";
pub(super) const IDENTITY_NUMBER: &str = "身份证号";
pub(super) const MOBILE: &str = "联系电话（手机）";
pub(super) const REMARKS: &str = "备注";
pub(super) const SEALING: &[&str] = &[
    "盖章要求：请务必将印章盖到框内中央位置，保证盖章内容识别度高、色彩清晰且扫描件分辨率在200dpi以上，",
    "本表请用标准A4纸打印，否则无法进行采集制章。",
];
pub(super) const DECLARATION_TITLE: &str = "电子公章领取声明";
pub(super) const DECLARATION: &[&str] = &[
    "本单位承诺提交的所有信息及认证资料均真实有效，并承担因提供虚假信息和资料而导致的一切后果和法律责任。",
    "自电子公章经办人领取电子公章之日起，该电子公章的使用、管理均由该经办人负责。",
];
pub(super) const CHECKED: &[&str] =
    &["●  已审核申请单位及办理人身份", "●  已核对受理表上填写的信息及相关证明材料", "●  已对用户所申请业务进行了办理"];
pub(super) const CLERK: &str = "证书录入员：";
pub(super) const ISSUER: &str = "证书发证员：";
pub(super) const ACCEPTED: &str = "业务受理盖章";
pub(super) const DATE: &str = "年    月    日";
pub(super) const SIGNATURE: &str = "经办人签字：";
pub(super) const SEAL: &str = "单位公章：";
pub(super) const APPLIED: &str = "申请日期：";
pub(super) const NOTICE: &str = "注意事项：在填申请表之前，请仔细阅读《数字证书电子认证服务协议》";
/// Ours, below the form: printers like to shrink, and seals are taken from the paper at their size.
pub(super) const PRINTING: &str = "打印本表：A4 纸，缩放选“实际大小”（100%）。带 * 的为必填项。";

/// The words beside a service's box.
pub(super) fn service(service: Service) -> &'static str {
    match service {
        Service::New => "新申请",
        Service::Renew => "更新",
        Service::Reissue => "补办（key损坏或丢失）",
        Service::Unlock => "解锁",
        Service::Revoke => "注销",
        Service::Change => "变更（注：变更业务需提供相关部门出具的主体变更前后的关联证明）",
    }
}

/// The service in the document's title.
pub(super) fn short(service: Service) -> &'static str {
    match service {
        Service::Reissue => "补办",
        Service::Change => "变更",
        other => self::service(other),
    }
}

/// What the serial number in the remarks is of: a service that gives a new certificate speaks of the old one.
pub(super) fn serial(service: Service) -> &'static str {
    match service {
        Service::Renew | Service::Reissue | Service::Change => "原证书序列号：",
        Service::New | Service::Unlock | Service::Revoke => "证书序列号：",
    }
}

/// Every character of the form, whatever is filled in.
pub(super) fn characters() -> impl Iterator<Item = char> {
    let lists = [PAPERS, SEALING, DECLARATION, CHECKED].into_iter().flatten().copied();
    let single = [
        TITLE,
        UNIT_NAME,
        UNIT_ADDRESS,
        CITY,
        DISTRICT,
        UNIT_CODE,
        UNIT_PHONE,
        DRUGS_ACCOUNT,
        CONSUMABLES_ACCOUNT,
        SERVICES,
        SEALS,
        AUTHORIZED_BEFORE,
        AUTHORIZED_AFTER,
        IDENTITY_NUMBER,
        MOBILE,
        REMARKS,
        DECLARATION_TITLE,
        CLERK,
        ISSUER,
        ACCEPTED,
        DATE,
        SIGNATURE,
        SEAL,
        APPLIED,
        NOTICE,
        PRINTING,
    ];
    let services = Service::ALL.into_iter().flat_map(|each| [service(each), serial(each)]);
    lists.chain(single).chain(services).flat_map(str::chars)
}
