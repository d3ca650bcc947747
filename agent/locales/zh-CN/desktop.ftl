# 托盘图标、菜单、桌面通知的文字。

## 托盘图标的状态

state-no-key = 没有插入 UKey
state-no-service = UKey 服务没有运行
state-ready = UKey 可以使用
state-logged-in = UKey 已登录
state-expiring = UKey 证书快到期了
state-expired = UKey 证书不在有效期内
state-pin-low = UKey 的 PIN 码请注意
state-locked = UKey 已锁定
state-failed = UKey 驱动不能工作

## 菜单。字母键：括号里的字母

menu-no-key = 没有插入 UKey
menu-no-service = UKey 服务没有运行，请联系技术人员
menu-key = { $unit }
menu-key-with-label = { $unit }（{ $label }）
menu-key-with-days = { $key } · { $days }
menu-more = 另有 { $count } 个 UKey 没有列出
menu-module = 驱动“{ $module }”不能工作
menu-log-out = 退出登录(_L)
menu-change-pin = 修改 PIN 码(_P)…
menu-copy = 复制绑定信息(_C)
menu-copy-of = 复制绑定信息：{ $kind }
menu-form = 业务申请表(_F)
menu-form-of = 业务申请表：{ $kind }
menu-advice = 怎么办(_W)…
menu-details = 详细信息(_D)…

days-left = 剩 { $days } 天
days-last = 今天到期
days-over-today = 今天已到期
days-over = 已过期 { $days } 天
days-not-yet = 尚未生效

kind-sm2 = 国密 SM2
kind-other = { $type }

## 一个 UKey 的状态

key-ready = 可以使用
key-present = 正在读取
key-logged-in = 已登录（您）
key-logged-in-other = 已登录（其他用户）
key-module-failed = 驱动不能工作
key-low = 之前输错过 PIN 码
key-low-tries = 之前输错过 PIN 码，还剩 { $tries } 次
key-final-try = PIN 码只剩最后一次机会
key-locked = PIN 码已锁定，需要解锁
key-locked-for-good = PIN 码已锁定，不能解锁，只能补办
key-to-be-changed = PIN 码还是初始的，请修改
key-expired = 证书不在有效期内，不能签名
key-not-set = 还没有设置 PIN 码

## 详细信息窗口

window-heading = 关于您的 UKey：
window-heading-page = 关于您的 UKey（第 { $number } 页，共 { $count } 页）：
details-title = UKey 详细信息
details-unit = 单位：{ $unit }
details-holder-id = 统一社会信用代码：{ $id }
details-key = UKey：{ $label }（序列号 { $serial }）
details-maker = 型号：{ $maker }
details-state = 状态：{ $state }
details-tries = PIN 码剩余次数：{ $tries }
details-tries-unknown = 未知（UKey 没有提供）
details-certificate = { $use }（{ $kind }）：{ $from } 至 { $to }，{ $days }
details-serial = 　序列号：{ $serial }
details-issuer = 　发证机构：{ $issuer }
details-none = 这个 UKey 上没有证书。
details-nothing = 没有插入 UKey。
details-failed = 驱动“{ $module }”不能工作。请技术人员用 ukeyctl doctor 查找原因。
use-signature = 签名证书
use-encryption = 加密证书
use-both = 签名和加密证书

## 怎么办

advice-title = 怎么办
advice-ready = 这个 UKey 可以正常使用，不需要做什么。
advice-no-key =
    请把 UKey 插到电脑上。插了还看不到：换一个 USB 口，等
    几秒钟；还不行，请联系技术人员。
advice-expiring =
    证书在到期前一个月内办理更新（续期）：由经办人带上
    UKey 和盖章的《单位数字证书业务申请表》，到发证的服务
    点办理。不要提前办：旧证书加密的内容可能打不开，平台要
    重新绑定。
advice-expired =
    证书已过期或尚未生效，不能签名。过期的请带上 UKey 和盖
    章的《单位数字证书业务申请表》，到发证的服务点办理。如
    果日期看起来不对，请先检查电脑的时间。
advice-pin-low =
    输 PIN 码之前请看准：是不是这个 UKey 的 PIN 码，大写锁
    定有没有打开。记不准就先不要试，输错次数用完会锁定。还
    是初始 PIN 码的，请在菜单里选“修改 PIN 码”。
advice-locked =
    锁定后不能签名、不能下订单，不要再试。请经办人带上
    UKey 和盖章的《单位数字证书业务申请表》（勾选“解锁”），
    到发证的服务点解锁；或请单位的技术人员用管理员 PIN 码
    解锁。
advice-locked-for-good =
    这个 UKey 不能解锁。请经办人带上 UKey 和盖章的《单位数
    字证书业务申请表》（勾选“补办”），到发证的服务点补办，
    补办是收费的。
advice-failed =
    厂家的驱动不能工作，用它的 UKey 暂时不能签名。请把
    UKey 拔下再插一次；还不行，请联系技术人员，他们用
    ukeyctl doctor 查找原因。

## 通知

notice-locked-title = UKey 已锁定：{ $key }
notice-locked-text = 不能再签名、下订单，请不要再试 PIN 码，去办理解锁。
notice-locked-for-good-text = 不能再签名、下订单，也不能解锁，只能补办。
separator = ；
notice-locked-bring = 要带：{ $things }
notice-final-title = PIN 码只剩最后一次机会：{ $key }
notice-final-text = 再输错，UKey 就会锁定。记不准，请先不要试。
notice-low-title = PIN 码输错了：{ $key }
notice-low-text = 连续输错会锁定 UKey。
notice-low-tries = 还可以再试 { $tries } 次，连续输错会锁定 UKey。
notice-factory-title = 请修改 PIN 码：{ $key }
notice-factory-text = 这个 UKey 的 PIN 码还是发放时的初始 PIN 码，别人拿到就能冒用。
notice-failed-title = UKey 驱动不能工作：{ $module }
notice-failed-text = 用这个驱动的 UKey 暂时不能签名。系统会自动重试。
notice-copied-title = 绑定信息已复制
notice-copied-text = 可以粘贴到平台里了：
notice-not-copied-title = 没有复制成功
notice-not-copied-text = 这个桌面的剪贴板不能使用，请照着抄写：
notice-form-title = 业务申请表已生成：{ $service }
notice-no-form-title = 业务申请表没有生成：{ $service }
form-shown =
    正在打开，请按 100% 打印，填好其余各项并盖章。
    文件：{ $file }
form-kept =
    没有能打开它的程序，请自己打开，按 100% 打印。
    文件：{ $file }
form-no-font = 这台电脑没有中文字体，请技术人员安装 fonts-wqy-zenhei。
form-no-character = 字体里没有单位名称中的“{ $character }”字，请技术人员安装 fonts-noto-cjk。
form-no-folder = 找不到您的“文档”文件夹，请联系技术人员（ukeyctl form）。
form-not-saved = 不能保存到“{ $folder }”：没有写入权限，或者磁盘满了。请联系技术人员（ukeyctl form）。
form-not-made = 请联系技术人员（ukeyctl form）：{ $error }
notice-rest-title = 另有 { $count } 条 UKey 通知
notice-log-out-failed-title = 没有退出登录：{ $key }
notice-change-failed-title = PIN 码没有修改：{ $key }
notice-without-buttons = 怎么办：点任务栏的 UKey 图标。

button-advice = 怎么办
button-change-pin = 修改 PIN 码
button-details = 详细信息
button-retry = 再试一次
button-next = 下一页(_N)
button-close = 关闭(_C)

failure-PinIncorrect = 当前的 PIN 码不对，用去了一次机会。
failure-PinLocked = PIN 码已锁定，需要先解锁。
failure-PinFinalTry = 只剩最后一次机会，没有再试。
failure-PinInvalid = UKey 不接受这个新 PIN 码（太短、太长或太简单）。
failure-PinOutcomeUnknown = 不知道是否成功：请先试新的 PIN 码，不行再试旧的。
failure-TokenRemoved = UKey 被拔出了。
failure-TokenBusy = UKey 正忙，请过一会儿再试。
failure-ModuleFailed = 厂家的驱动出错了，请过一会儿再试。
failure-ModuleTimeout = UKey 没有反应，请拔下再插一次。
failure-NotAuthorized = 您现在没有权限：请在这台电脑前登录桌面后再试。
failure-AuditUnavailable = 操作记录写不下来（磁盘可能满了），请联系技术人员。
failure-other = UKey 服务没有完成操作，请过一会儿再试；还不行，请联系技术人员。
