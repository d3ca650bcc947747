# 对话框文字。每行不超过 56 列（汉字占两列）：pinentry 不一定会自动换行。
# 普通 PIN 码（使用人的）与管理员 PIN 码（SO PIN，技术人员的）的标题、抬头、提示各不相同，以免输错地方。

## 输入普通 PIN 码：登录

user-pin-title = 输入 UKey 的普通 PIN 码
user-pin-heading = 有程序要使用您的 UKey，请核对：
user-pin-note =
    输入 PIN 码，就是同意该程序用这个 UKey 签名，
    签名视为本单位的行为。PIN 码不会保存，也不要告诉别人。
user-pin-prompt = 普通 PIN 码:

## 每次签名都要普通 PIN 码的密钥

signature-pin-title = 签名确认：输入普通 PIN 码
signature-pin-heading = 有程序要签名一次，请核对：
signature-pin-note =
    这个密钥每签一次都要输入 PIN 码。
    本次输入只用于这一次签名，签名视为本单位的行为。
signature-pin-prompt = 普通 PIN 码:

## 修改普通 PIN 码

current-pin-title = 修改普通 PIN 码：先输入当前的
current-pin-heading = 修改 PIN 码。请先输入【当前】的普通 PIN 码：
current-pin-note = 输错会用去一次机会。接着再设置新的 PIN 码。
current-pin-prompt = 当前的普通 PIN 码:

new-pin-title = 设置新的普通 PIN 码
new-pin-heading = 请 UKey 使用人设置【新】的普通 PIN 码：
new-pin-note =
    请使用人亲自输入，技术人员和旁人请回避。
    不要用生日、电话、123456 等容易猜到的数字。
new-pin-prompt = 新的普通 PIN 码:
new-pin-again-title = 再输一次新的普通 PIN 码
new-pin-again-heading = 请把【新】的普通 PIN 码【再输入一次】：
new-pin-again-prompt = 再输一次新 PIN 码:

## 管理员 PIN 码（技术人员）

so-pin-title = 解锁：技术人员输入管理员 PIN 码（SO PIN）
so-pin-heading = 解锁 UKey。请【技术人员】输入管理员 PIN 码（SO PIN）：
so-pin-note =
    不是经办人平时用的普通 PIN 码！经办人请不要在此输入。
    输错会用去一次机会；管理员 PIN 码锁定后，只能补办。
so-pin-prompt = 管理员 PIN 码（SO PIN）:

current-so-pin-title = 修改管理员 PIN 码（SO PIN）：先输入当前的
current-so-pin-heading = 请【技术人员】输入【当前】的管理员 PIN 码（SO PIN）：
current-so-pin-note =
    不是经办人平时用的普通 PIN 码！经办人请不要在此输入。
    输错会用去一次机会；管理员 PIN 码锁定后，永远不能解锁。
current-so-pin-prompt = 当前的管理员 PIN 码（SO PIN）:

new-so-pin-title = 设置新的管理员 PIN 码（SO PIN）
new-so-pin-heading = 请【技术人员】设置【新】的管理员 PIN 码（SO PIN）：
new-so-pin-note =
    不要与普通 PIN 码相同，并妥善保管：
    忘记后，普通 PIN 码一旦锁定就只能补办 UKey。
new-so-pin-prompt = 新的管理员 PIN 码（SO PIN）:
new-so-pin-again-title = 再输一次新的管理员 PIN 码（SO PIN）
new-so-pin-again-heading = 请把【新】的管理员 PIN 码（SO PIN）【再输入一次】：
new-so-pin-again-prompt = 再输一次新管理员 PIN 码:

warning-low = 之前输错过 PIN 码，请看准再输。连续输错会锁定 UKey。
warning-final-try = 最后一次机会！再输错就会锁定 UKey。
warning-so-low = 之前输错过管理员 PIN 码。锁定后 UKey 只能补办！
warning-so-final-try = 最后一次机会！再输错，UKey 就只能补办。

remark-differed = 两次输入的不一样，请重新设置。
remark-empty = 没有输入，请重新设置。
remark-too-short = 太短，至少要 { $min } 位，请重新设置。
remark-too-long = 太长，最多 { $max } 位，请重新设置。

## 谁、做什么、用哪个 UKey

line-step = 第 { $step } 步，共 { $steps } 步
line-program = 程序：{ $program }（位于 { $folder }）
line-program-claimed = 程序：未知程序（自称“{ $program }”）
line-program-unknown = 程序：未知程序
line-script = 脚本（程序自称）：{ $script }
line-user = 用户：{ $user }
line-reason = 用途（程序自称）：{ $reason }
line-reason-none = 用途：程序没有说明
line-key = UKey：{ $label }（序列号 { $serial }）
line-holder = 单位：{ $holder }
line-holder-id = 统一社会信用代码：{ $id }
line-tries = PIN 码剩余次数：{ $tries } 次
line-tries-unknown = PIN 码剩余次数：未知（UKey 没有提供）
line-so-tries = 管理员 PIN 码剩余次数：{ $tries } 次
line-so-tries-unknown = 管理员 PIN 码剩余次数：未知（UKey 没有提供）
line-count = 本次签名数量：{ $count }
line-length = 长度：{ $min } 到 { $max } 位

## 需要确认的事

final-try-title = UKey 可能被锁定
final-try-heading = PIN 码只剩最后一次机会，再输错 UKey 就会锁定！
unknown-tries-title = UKey 可能被锁定
unknown-tries-heading = PIN 码已多次输错，还剩几次未知，再输错可能锁定！
cost =
    锁定后不能再签名、下订单。要由经办人带上 UKey 和盖章的
    《单位数字证书业务申请表》，到发证的服务点办理解锁。
    记不准 PIN 码，请先不要试。

so-final-try-title = 管理员 PIN 码（SO PIN）即将锁定
so-final-try-heading = 管理员 PIN 码只剩最后一次，再输错 UKey 就报废！
so-unknown-tries-title = 管理员 PIN 码（SO PIN）可能锁定
so-unknown-tries-heading = 管理员 PIN 码已多次输错，还剩几次未知！
so-cost =
    管理员 PIN 码锁定后，这个 UKey 永远不能再解锁，
    只能到发证的服务点补办（收费）。没有把握，请先不要试。

unblock-title = 解锁 UKey
unblock-heading = 要解锁这个 UKey 的普通 PIN 码。请先看清：
unblock-cost =
    接着由技术人员输入管理员 PIN 码（SO PIN），
    再由使用人设置新的普通 PIN 码。
    管理员 PIN 码输错会用去一次机会；一旦锁定，
    这个 UKey 永远不能再解锁，只能补办。

pinpad-title = 在 UKey 的键盘上输入 PIN 码
pinpad-heading = 这个 UKey 自带键盘。核对后点“继续”，
pinpad-note = 然后在【UKey 上】输入 PIN 码，不要在电脑上输入。

consent-title = 另一个程序要使用 UKey
consent-heading = UKey 已登录，【另一个程序】要用它签名，请核对：
consent-note =
    允许：退出登录或拔出 UKey 前，不再询问，
    它的签名视为本单位的行为。
    拒绝：该程序不能签名。不是您启动的程序，请拒绝。
consent-allow = 允许(_A)
consent-refuse = 拒绝(_R)

factory-choice-title = 这个 PIN 码太常见
factory-choice-heading =
    您选的是众所周知的出厂 PIN 码（如 123456），
    拿到 UKey 的人都会先试它。建议换一个。
factory-choice-use = 仍用这个(_U)
factory-choice-another = 换一个(_A)

button-try = 仍要再试(_T)
button-try-not = 先不试(_N)
button-continue = 继续(_C)
button-continue-not = 不办了(_N)

## 告知

token-removed-title = UKey 已拔出
token-removed-heading =
    UKey 正在使用时被拔出，操作没有完成。
    请插回 UKey，再在软件里重新操作。
press-title = 请按 UKey 上的按钮
press-heading =
    请核对后按一下【UKey 上】的确认按钮，签名才会完成。
    不同意就不要按。
pinpad-notice-title = 请在 UKey 上输入 PIN 码
pinpad-notice-heading = 请在【UKey 的键盘】上输入 PIN 码，再按它的确认键。
factory-pin-title = 请修改 PIN 码
factory-pin-heading =
    这个 UKey 的 PIN 码还是发放时的初始 PIN 码，请尽快修改：
    点任务栏的 UKey 图标，选“修改 PIN 码”。没有图标的，
    请技术人员协助（ukeyctl change-pin）。
factory-user =
    注意：您用的是众所周知的出厂 PIN 码，别人拿到 UKey
    就能冒用本单位签名。请尽快修改：点任务栏的 UKey 图标，
    选“修改 PIN 码”。没有图标的，请技术人员协助
    （ukeyctl change-pin）。
factory-so =
    技术人员请注意：管理员 PIN 码（SO PIN）还是出厂的，
    请修改（ukeyctl change-pin --so）。
pin-changed-title = PIN 码已修改
pin-changed-heading = 普通 PIN 码已修改，请从现在起使用新的 PIN 码。
so-pin-changed-title = 管理员 PIN 码已修改
so-pin-changed-heading = 管理员 PIN 码（SO PIN）已修改，请妥善保管。
unblocked-title = UKey 已解锁
unblocked-heading = UKey 已解锁，请从现在起使用刚设置的新 PIN 码。

## 按钮与提示

button-ok = 确定
button-cancel = 取消
button-read = 知道了
tooltip-show = 显示 PIN 码
tooltip-hide = 隐藏 PIN 码
hint-caps-lock = 大写锁定已打开
