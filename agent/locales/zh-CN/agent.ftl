# 输入 PIN 码的窗口。每行不超过 56 列（汉字占两列）：pinentry 不一定会自动换行。
pin-title = 输入 UKey 的 PIN 码
pin-heading = 有程序要使用您的 UKey，请核对：
pin-consequence =
    输入 PIN 码，就是同意该程序用这个 UKey 签名，
    签名视为本单位的行为。PIN 码不会保存，也不要告诉别人。
pin-prompt = PIN 码:

warning-low = 之前输错过 PIN 码，请看准再输。连续输错会锁定 UKey。
warning-final-try = 最后一次机会！再输错就会锁定 UKey。

# 谁、做什么、用哪个 UKey
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

# 只剩最后一次时的确认
final-title = UKey 可能被锁定
final-heading = PIN 码只剩最后一次机会，再输错 UKey 就会锁定！
final-heading-unknown = PIN 码已多次输错，还剩几次未知，再输错可能锁定！
final-cost =
    锁定后不能再签名、下订单。要由经办人带上 UKey 和盖章的
    《单位数字证书业务申请表》，到发证的服务点办理解锁。
final-advice = 记不准 PIN 码，请先不要试。
final-button-ok = 仍要再试(_T)
final-button-cancel = 先不试(_N)

button-ok = 确定
button-cancel = 取消
tooltip-show = 显示 PIN 码
tooltip-hide = 隐藏 PIN 码
hint-caps-lock = 大写锁定已打开
