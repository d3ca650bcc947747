## 接口用词

token-state-present = 正在读取
token-state-ready = 就绪
token-state-logged-in = 已登录
token-state-uninitialized = 未初始化
token-state-module-failed = 驱动模块故障

pin-state-ok = 正常
pin-state-low = 曾输错
pin-state-final-try = 只剩最后一次
pin-state-locked = 已锁死
pin-state-to-be-changed = 须先修改
pin-state-not-set = 从未设置
pin-state-unknown = 未知

module-state-starting = 正在启动
module-state-ready = 就绪
module-state-failed = 故障
module-state-quarantined = 多次故障，已停用

validity-valid = 有效
validity-expiring = 即将到期
validity-expired = 已过期
validity-not-yet-valid = 尚未生效

key-use-signature = 签名
key-use-encryption = 加密
key-use-both = 签名和加密

## 标题

title-algorithms = 算法
title-caller = 总线名
title-certificate = 证书
title-certificate-chain = 证书链
title-certificate-dates = 有效期
title-certificate-revocation = 吊销状态
title-days = 天数
title-digest = 摘要
title-ended = 结束时间
title-fingerprint = SHA-256
title-holder = 持有者
title-holder-id = 统一社会信用代码
title-issuer = 颁发者
title-key = Key
title-key-type = 密钥类型
title-kind = 类别
title-label = 标签
title-library = 模块文件
title-manufacturer = 厂商
title-message-algorithms = 算法
title-message-certificate-reference = 所指证书
title-message-content-type = 内容类型
title-message-digest = 原文
title-message-key-use = 密钥用途
title-message-signature = 签名值
title-model = 型号
title-module = 模块
title-not-after = 有效期至
title-not-before = 有效期自
title-partner = 配对证书
title-pid = 进程号
title-pin = PIN码
title-program = 程序
title-reason = 原因
title-record = 记录号
title-record-hash = 链中的哈希值
title-restarts = 重启次数
title-result = 结果
title-serial = 序列号
title-signing-time = 签名时间（签名方时钟）
title-so-pin = 管理员PIN码
title-so-tries = 管理员PIN码剩余次数
title-state = 状态
title-subject = 主题
title-tries = 剩余次数
title-trusted = 可信
title-unblock = 可解锁
title-unit = 单位名称
title-use = 用途
title-user = 用户
title-validity = 有效性

## 状态

status-service = ukeyd { $version }
status-module = 模块 { $name }
status-key = Key { $name }
status-advice = 需要处理
tries-unknown = 未知
until = 至 { $date }
days-left = { $days ->
    [0] 今天到期
   *[other] 剩 { $days } 天
}
days-ago = { $days ->
    [0] 今天已到期
   *[other] 已过 { $days } 天
}
yes = 是
no = 否

## 建议

advice-no-modules = 没有配置任何厂商模块。请把模块文件放入 /etc/ukeyd/modules.d，然后重启 ukeyd。
advice-no-keys = 没有插入 Key。如已插入，请换一个 USB 口，并确认上面列出了该厂商的模块。
advice-module-starting = 模块 { $name } 正在启动，请稍候。
advice-module-failed = 模块 { $name } 不能工作，原因见上；系统会自动重新启动它。如仍不行，请检查厂商软件是否已安装。
advice-module-quarantined = 模块 { $name } 多次故障，已停用。请检查厂商软件及其版本，然后重启 ukeyd。
advice-key-present = { $name }：正在读取。如一直如此，请拔下 Key 再插入。
advice-key-uninitialized = { $name }：尚未初始化。请到 CA 服务网点办理。
advice-key-module-failed = { $name }：请等待其模块重新启动；否则拔下 Key 再插入。
advice-pin-low = { $name }：曾输错 PIN码。下次输入前请先核实；输入正确后错误计数清零。
advice-pin-final-try = { $name }：PIN码只剩最后一次机会，再输错 Key 就会锁死。如无把握请勿再试，请咨询 CA 服务网点。
advice-pin-locked = { $name }：PIN码已锁死。可由持管理员PIN码的技术人员解锁；否则请携带 Key 和业务申请表（勾选“解锁”）到 CA 服务网点办理，详见 ukeyctl what-to-do。
advice-pin-locked-for-good = { $name }：PIN码已锁死，且此 Key 不能解锁。请携带 Key 到 CA 服务网点补办。
advice-pin-to-be-changed = { $name }：仍是出厂 PIN码，须先修改。
advice-pin-not-set = { $name }：从未设置 PIN码。请携带 Key 到 CA 服务网点办理。
advice-so-pin-final-try = { $name }：管理员PIN码只剩最后一次机会，再输错此 Key 将永远不能解锁。
advice-so-pin-locked = { $name }：管理员PIN码已锁死。Key 仍可使用，但一旦 PIN码锁死就只能更换。
advice-no-certificates = { $name }：没有证书。如应当有，请咨询 CA 服务网点。
advice-certificate-expiring = { $name }：证书{ $days ->
    [0] 今天到期
    [1] 明天到期
   *[other] 将在 { $days } 天后到期
}。请现在（到期前一个月内）携带此 Key 到原发证服务网点办理更新。
advice-certificate-expired = { $name }：证书{ $days ->
    [0] 今天已到期
   *[other] 已过期 { $days } 天
}，不能再签名。请携带 Key 到原发证服务网点办理。
advice-certificate-not-yet-valid = { $name }：证书尚未生效。请检查计算机日期。

## 签名消息与证书：各项检查结果

message-digest-ok = 与签名时一致
message-digest-differs = 与签名时不一致
message-digest-in-signature = 由签名值直接覆盖
message-digest-missing = 缺少摘要，签名未覆盖原文
message-digest-unsupported = 摘要算法未知或强度不足
message-digest-no-content = 没有可核对的原文
message-signature-ok = 正确
message-signature-invalid = 错误
message-signature-no-certificate = 消息中没有签名证书，请用 --certificate 指明
message-signature-unsupported = 签名算法未知或强度不足
message-signature-another-hash = 所用摘要算法与消息声明的不同
message-signature-no-content = 没有可核对的原文
message-content-type-ok = 正确
message-content-type-not-needed = 不需要
message-content-type-differs = 与消息的内容类型不符
message-content-type-missing = 缺少
message-certificate-reference-ok = 正确
message-certificate-reference-absent = 未指明
message-certificate-reference-differs = 签名方指明的是另一张证书
message-certificate-reference-malformed = 无法读取
message-certificate-reference-unsupported = 摘要算法未知或强度不足
message-certificate-reference-no-certificate = 没有该证书
message-algorithms-ok = 正确
message-algorithms-absent = 未受保护
message-algorithms-differ = 与签名方保护的算法不符
message-key-use-ok = 可用于签名
message-key-use-not-allowed = 该证书不能用于签名
message-key-use-no-certificate = 没有该证书
message-deviation-version = 消息的版本号不正确。
message-deviation-signer-version = 其中签名信息的版本号不正确。
message-deviation-digest-algorithms = 摘要算法列表与签名不符。
message-deviation-certificates = 其中有证书无法读取。
message-deviation-other = 签名范围之外的内容有误。
certificate-dates-ok = 在有效期内
certificate-dates-not-yet-valid = 证书尚未生效
certificate-dates-expired = 证书已过期
certificate-dates-issuer-not-yet-valid = 上级 CA 证书尚未生效
certificate-dates-issuer-expired = 上级 CA 证书已过期
certificate-chain-ok = 由受信任的 CA 签发
certificate-chain-no-anchors = 无法判断：没有配置受信任的 CA
certificate-chain-issuer-unknown = 签发者未知，不在受信任之列
certificate-chain-loop = CA 证书循环签发
certificate-chain-algorithm-unsupported = 证书的签名算法未知或强度不足
certificate-chain-bad-signature = CA 签名错误：证书系伪造或已损坏
certificate-chain-not-a-ca = 签发者不是 CA
certificate-chain-path-too-long = 证书链超过允许的长度
certificate-chain-name-constraints = CA 无权为该名称签发证书
certificate-chain-unknown-critical-extension = 证书含有未知的关键扩展
certificate-chain-malformed-extension = 证书含有无法读取的扩展
certificate-chain-too-many-candidates = 可能的签发者过多
certificate-revocation-ok = 未被吊销
certificate-revocation-revoked = 已被吊销
certificate-revocation-issuer-revoked = 上级 CA 证书已被吊销
certificate-revocation-no-crl = 无法判断：没有其 CA 的吊销列表
certificate-revocation-crl-expired = 无法判断：吊销列表已过期
certificate-revocation-crl-bad-signature = 无法判断：吊销列表的签名错误
certificate-revocation-crl-unsupported = 无法判断：不支持该类吊销列表
certificate-revocation-unchecked = 未查询：其 CA 不受信任

## 结果

signed = { $file }  （{ $algorithm }，{ $holder }）
signature-right = 签名正确（{ $algorithm }）。
signature-wrong = 签名错误（{ $algorithm }）。
signature-wrong-because = 签名错误（{ $algorithm }）：{ $reason }
message-right = 签名消息正确。
message-wrong = 签名消息有问题。
message-unsigned = 此消息没有任何签名。
message-signer = 签名者：{ $name }
message-content-written = 原文已写入 { $file }。
batch-reason = 批量签名，共 { $count } 项
batch-signed = 已签 { $signed } / { $total } 项  （{ $algorithm }，{ $holder }）
batch-more = 另有 { $count } 项
exported = { $file }  （{ $holder }）
form-written = { $file }  （A4 纸一页）
form-next = 请按 100% 打印，填写其余各项并盖章。到哪里办理：ukeyctl what-to-do。
what-to-do-nothing = 目前没有需要到 CA 办理的事。查看某项业务：ukeyctl what-to-do --service renew（或 reissue、unlock、revoke、change、new）。
what-to-do-form = 已填好的申请表：ukeyctl form --service { $service } --out 申请表.pdf
ca-file-left-out = 有一个 CA 说明文件不能使用：{ $problem }
logged-in = 已登录 { $key }。
logged-in-until = 已登录 { $key }，最迟到 { $time }。
logged-in-and-out = 已登录 { $key }，随后又已退出。
logged-out = 已退出 { $key }。

## 修改 PIN 码、解锁、释放

pin-changed = { $key } 的普通 PIN码已修改。
so-pin-changed = { $key } 的管理员 PIN码（SO PIN）已修改，请妥善保管。
released = 已释放 { $key }，其他软件可以使用它。
unblocked = { $key } 已解锁，请使用人从现在起使用新的 PIN码。
unblock-cost = 管理员PIN码（SO PIN）输错会用去一次机会；一旦锁死，此 Key 永远不能再解锁，只能到 CA 服务网点补办。
unblock-steps = 步骤：技术人员在对话框中输入管理员PIN码，然后由使用人亲自设置新的普通 PIN码（技术人员请回避）。
unblock-question = 继续吗？[y/N]{" "}

## 逐个检查

check-next = 请插入下一个 Key。按 Ctrl-C 结束。
check-good = 正常
check-attention = 注意
check-bad = 有问题
check-nothing = 无需处理。
check-pull = 可以拔出。

## 诊断

title-system = 系统
title-time = 时间
doctor-healthy = 没有发现问题。
doctor-unreachable = 无法连接 ukeyd：{ $name }
doctor-unreachable-do = 请运行 systemctl status ukeyd 查看服务；如未安装或未启动，请安装并启动：systemctl enable --now ukeyd。
doctor-file-missing = 缺少安装文件 { $name }。
doctor-file-missing-do = 请重新安装 ukeyd 软件包：缺少它时总线或授权会拒绝一切调用。
doctor-library-missing = 厂商模块文件不存在或无法访问：{ $name }
doctor-library-missing-do = 请安装厂商软件，或在 /etc/ukeyd/modules.d 中更正 library 路径，然后运行 systemctl reload ukeyd。
doctor-library-no-library = 不是动态库文件，或无法读取：{ $name }
doctor-library-no-library-do = 请重新安装厂商软件；library 须指向 .so 文件本身。
doctor-library-wrong-architecture = 厂商模块的位数与本机不符：{ $name }
doctor-library-wrong-architecture-do = 请安装与本系统位数（32/64 位）一致的厂商软件。
doctor-library-unsafe = 厂商模块或其上级文件夹不归 root 所有，或他人可写：{ $name }
doctor-library-unsafe-do = 请用 chown root 和 chmod go-w 改正文件及其所有上级文件夹，否则 ukeyd 拒绝加载。
doctor-library-shared = 其他程序也加载了厂商模块：{ $name }
doctor-library-shared-do = 它们可能占用 Key。使用 CA 自带软件或浏览器前请先运行 ukeyctl release；如 Key 显示忙，请关闭这些程序。
doctor-pcscd-refuses = pcscd 的套接字存在，但不能连接。
doctor-pcscd-refuses-do = 请运行 systemctl restart pcscd.socket pcscd。智能卡类 Key 没有它不能工作。
doctor-pcscd-absent = pcscd 没有运行。
doctor-pcscd-absent-do = 多数 UKey 不需要它；OpenSC 等智能卡类 Key 需要：安装 pcscd，并运行 systemctl enable --now pcscd.socket。
doctor-no-polkit = 未安装 polkit，或其无法启动。
doctor-no-polkit-do = 请安装 polkitd：没有它，任何 Key 操作都会被拒绝。
doctor-pcscd-rule-missing = pcscd 由 polkit 决定谁能使用智能卡，但缺少允许 ukeyd 的规则。
doctor-pcscd-rule-missing-do = 请重新安装 ukeyd 软件包，或将 50-ukeyd-pcscd.rules 放入 /usr/share/polkit-1/rules.d，否则 ukeyd 无法使用智能卡类 Key。
doctor-usb-closed = ukeyd 无权打开已插入的设备：{ $name }
doctor-usb-closed-do = 请拔下 Key 重新插入。如仍不行，请在 /etc/udev/rules.d 中为这些编号加一条规则：GROUP="ukeyd", MODE="0660"（见文档 keys.md）。
doctor-no-tray = 此桌面不显示托盘图标。
doctor-no-tray-do = PIN码 对话框和通知不受影响。GNOME 需要 AppIndicator 扩展（软件包 gnome-shell-extension-appindicator）才显示图标。
doctor-no-agent = 本用户没有运行 ukey-agent。
doctor-no-agent-do = 桌面程序无法请您输入 PIN码：请在桌面会话中启动 ukey-agent。ukeyctl 在终端中可自行询问。
doctor-no-logind = 总线上没有 logind。
doctor-no-logind-do = 登录只会在退出、15 分钟未使用或满 8 小时后结束，锁屏或休眠时不会结束：离开时请拔下 UKey。
doctor-versions-differ = ukeyd 与 ukeyctl 版本不同：ukeyd { $name }。
doctor-versions-differ-do = 请一并更新，然后重启服务：systemctl restart ukeyd。
doctor-clock = 计算机时间不可信：{ $name }。
doctor-clock-do = 请校准日期和时间（timedatectl set-ntp true），否则证书会被误判为未生效或已过期。
doctor-usb-unused = USB 上有像 Key 的设备，但没有模块认出它：{ $name }
doctor-usb-unused-do = 请安装该厂商的软件，并在 /etc/ukeyd/modules.d 中加入其模块。
doctor-key-twice = 两个模块显示同一个 Key：{ $name }
doctor-key-twice-do = 请只保留与此 Key 版本相符的模块，在 /etc/ukeyd/modules.d 中停用另一个；两个模块会互相干扰。
doctor-module-unconfined = 有厂商库可以访问超出所需的文件。{ $name }
doctor-module-unconfined-do = 请从模块文件中删去 confine = false，并用 read 和 write 写明该库所需的文件；或使用带 Landlock 的内核。
doctor-module-unverified = 模块 { $name } 的配置尚未在真实硬件上验证过。
doctor-module-unverified-do = 签名结果仍会逐一校验。如工作正常，可在模块文件中写 verified = true。

## Key 使用记录

audit-kind-login = 登录
audit-kind-logout = 退出登录
audit-kind-sign = 签名
audit-kind-sign-with-pin = 单独输入PIN码的签名
audit-kind-change-pin = 修改PIN码
audit-kind-change-so-pin = 修改管理员PIN码
audit-kind-unblock-pin = 解锁
audit-kind-checkpoint = 已清除旧记录
audit-kind-recovered = 已启用新数据库
audit-result-ok = 成功
audit-result-outcome-unknown = 结果未知
audit-result-none = 进行中
audit-whole = 记录没有被修改、删除或移动：第 { $first } 行至第 { $last } 行构成完整的链。
audit-not-whole = 记录与写入时不一致，第 { $row } 行：{ $problem }
audit-not-whole-do = 请查明谁能够写入数据库，并先复制一份留证；数据库已损坏的，可用 ukeyctl audit recover 将其移开。
audit-problem-no-extent = 链的起点和终点信息已丢失
audit-problem-gap = 缺少一行，或多出一行
audit-problem-unreadable = 此行无法读取
audit-problem-hash = 有一行被修改或移动
audit-problem-head = 末尾的行被删除，或有行被添加
audit-problem-base = 较早的记录被删除，且没有检查点说明
audit-problem-journal-missing = 系统日志中有此行，但它已不存在
audit-problem-journal-differs = 系统日志中此行的哈希值不同：整条链被重新生成
audit-problem-journal-replaced = 系统日志显示使用过另一条链，而服务没有报告过恢复
audit-compared = 已与系统日志核对：系统日志所知的 { $heads } 处中核对了 { $compared } 处。
audit-older = 其中 { $older } 处属于到期已清除的记录，其后的检查点保存着最后的哈希值。
audit-earlier-chains = 系统日志中还有 { $count } 条已移开的旧链。
audit-exported = { $file }  （{ $count } 条记录）
audit-recover-question = 无法使用或被改动的数据库将被移开，并启用新的数据库。继续吗？[y/N]{" "}
audit-recovered = 已启用新数据库。原数据库现名 { $file }，位于服务的状态文件夹（/var/lib/ukeyd）。
audit-recover-nothing = 数据库没有问题，未做任何改动。
audit-only-mine-do = 查看自己的记录无需授权：ukeyctl audit list --mine（export 亦可）。全部记录及校验仅限管理员和技术人员。

## 事件

kind-key = Key
kind-certificate = 证书
kind-module = 模块
kind-service = ukeyd
event-added = { $kind } { $name } 已接入
event-removed = { $kind } { $name } 已移除
event-changed = { $kind } { $name }：{ $changes }
event-expiry-warning = { $kind } { $name } 将在 { $days } 天内到期
event-expired = { $kind } { $name } 已过期
event-started = { $kind } 已启动
event-stopped = { $kind } 已停止

## 错误：含义和处理办法

service-says = 服务说明：{ $message }

error-TokenRemoved = Key 已拔出。
error-TokenRemoved-do = 请插入 Key 后重试。
error-TokenBusy = 另一程序正在独占此 Key。
error-TokenBusy-do = 请等待其完成或将其关闭，然后重试。
error-ModuleFailed = 厂商模块发生故障。
error-ModuleFailed-do = 模块会自动重启，请稍后重试。如反复出现，请查看服务日志并检查厂商软件。
error-ModuleTimeout = 厂商模块没有及时应答。
error-ModuleTimeout-do = 模块会自动重启，请稍后重试。如反复出现，请拔下 Key 再插入。
error-LoginRequired = 尚未登录此 Key（或由其他用户登录），而调用要求不弹出对话框。
error-LoginRequired-do = 请先运行 ukeyctl login，或去掉 --no-prompt。如由其他用户登录，须由该用户退出。
error-PinIncorrect = PIN码错误，已用去一次机会。
error-PinIncorrect-do = 请核实 PIN码后再试；如 Key 能提供剩余次数，ukeyctl status 会显示。
error-PinFinalTry = PIN码只剩最后一次机会，且未经确认使用。未向 Key 提交。
error-PinFinalTry-do = 如确知 PIN码，请重试并确认；否则请咨询 CA 服务网点：再输错 Key 就会锁死。
error-PinLocked = PIN码已锁死。
error-PinLocked-do = 可由持管理员PIN码的技术人员解锁（ukeyctl unblock）；否则请携带 Key 和业务申请表到 CA 服务网点办理：ukeyctl what-to-do 说明地点和材料，ukeyctl form --service unlock --out 申请表.pdf 生成申请表。
error-SoPinIncorrect = 管理员PIN码错误，已用去一次机会。
error-SoPinIncorrect-do = 请核实后再试：管理员PIN码一旦锁死，此 Key 将永远不能解锁。
error-SoPinFinalTry = 管理员PIN码只剩最后一次机会，且未经确认使用。未向 Key 提交。
error-SoPinFinalTry-do = 无把握请勿再试：再输错 Key 即报废。
error-SoPinLocked = 管理员PIN码已锁死。
error-SoPinLocked-do = 此 Key 不能再解锁，请到 CA 更换：ukeyctl what-to-do --service reissue。
error-PinInvalid = 这不可能是 PIN码：为空、过长，或长度不符合 Key 的要求。未计入错误次数。
error-PinInvalid-do = 请重试并输入 PIN码。
error-PinOutcomeUnknown = PIN码已提交给 Key，但没有得到应答，可能已用去一次机会。
error-PinOutcomeUnknown-do = 重试前请先查看 ukeyctl status。
error-UnblockUnsupported = 此 Key 不能用管理员PIN码解锁。
error-UnblockUnsupported-do = 请携带 Key 到 CA 服务网点补办：ukeyctl what-to-do --service reissue。
error-NoAgent = 没有程序可以为您显示 PIN码对话框。
error-NoAgent-do = 请在桌面启动 ukey-agent，或在终端中运行 ukeyctl。
error-ConsentDenied = 登录此 Key 的是另一个程序，本程序未获准使用它的登录。
error-ConsentDenied-do = 如需使用，请过一分钟再试并选择“允许”；或者先退出登录，再用本程序登录。
error-Cancelled = 对话框已关闭，或请求已取消。
error-Cancelled-do = 准备好后请重试。没有使用 PIN码。
error-Timeout = 在规定时间内无人操作。
error-Timeout-do = 请重试，仍打开的对话框会继续使用；可用 --timeout 延长时间。
error-TooManyRequests = 同时进行的操作过多。
error-TooManyRequests-do = 请等待部分操作完成后重试。
error-NotAuthorized = 没有权限执行此操作。
error-NotAuthorized-do = 请在本机桌面会话中操作，或请管理员授权。
error-CertificateExpired = 证书已过期。
error-CertificateExpired-do = 请携带 Key 到原发证服务网点办理，详见 ukeyctl what-to-do。如已更新，请选用新证书：ukeyctl list。
error-CertificateNotYetValid = 证书尚未生效。
error-CertificateNotYetValid-do = 请检查计算机的日期和时间。
error-WrongKeyUse = 此证书不能用于签名。
error-WrongKeyUse-do = 请用 --certificate 选择其他证书：ukeyctl list 可查看用途。
error-AlgorithmUnsupported = 此证书的密钥不支持该算法。
error-AlgorithmUnsupported-do = 请从 ukeyctl show --certificate 列出的算法中选择。
error-InvalidArgument = 参数不正确。
error-InvalidArgument-do = 请按服务说明更正。待签名的须是普通文件。
error-SignatureInvalid = Key 产生的签名与证书不符，已丢弃。
error-SignatureInvalid-do = Key、证书或模块不匹配，请咨询 CA 服务网点。
error-AuditUnavailable = 服务无法写入记录，因此未执行操作或未交出结果。
error-AuditUnavailable-do = 请清理磁盘空间，查看服务日志，然后重试。
error-Internal = 服务自身出错。
error-Internal-do = 请附上服务日志报告此问题。

error-Unreachable = 无法连接 ukeyd。
error-Unreachable-do = 请确认服务正在运行（systemctl status ukeyd），且 --bus 指向其总线。
error-NoKeys = 没有插入 Key。
error-NoKeys-do = 请插入 Key。ukeyctl status 可查看其模块是否正常。
error-UnknownKey = 没有这个名称的 Key。
error-UnknownKey-do = ukeyctl list keys 列出现有的 Key。
error-SeveralKeys = 有多个 Key 符合。
error-SeveralKeys-do = 请用 --key 加编号、序列号或标签指明。
error-NoCertificates = 已插入的 Key 上没有可以签名的证书。
error-NoCertificates-do = ukeyctl list 列出现有证书。也许没有插入正确的 Key。
error-UnknownCertificate = 没有这个名称的证书。
error-UnknownCertificate-do = ukeyctl list 列出现有证书，第一列可用于 --certificate。
error-SeveralCertificates = 有多张证书符合。
error-SeveralCertificates-do = 请用 --certificate 加第一列的开头部分指明。
error-Interrupted = 已按 Ctrl-C，或程序被要求结束。
error-Interrupted-do = 请求已取消。
error-Declined = 您选择了不继续。
error-Declined-do = 没有向 Key 提交任何内容。
error-FileUnreadable = 文件无法读取。
error-FileUnreadable-do = 请检查文件名和读取权限。
error-FileUnwritable = 文件无法写入。
error-FileUnwritable-do = 请检查文件夹、写入权限和剩余空间。
error-FileExists = 文件已存在，未改动。
error-FileExists-do = 可用 --force 替换，或另取文件名。
error-NotACertificate = 该文件不是证书。
error-NotACertificate-do = 须为 DER 或 PEM 格式。ukeyctl export 可导出证书。
error-UnknownRecord = 没有这个编号的记录。
error-UnknownRecord-do = ukeyctl audit list 列出记录，第一列即编号。旧记录到期会被清除。
error-NoHeads = 系统日志中没有关于记录链的内容。
error-NoHeads-do = 请以 root 或 systemd-journal 组成员的身份运行；在别处收集的日志可用 --journal-file 指定。
error-NoFont = 没有安装中文字体，无法生成申请表。
error-NoFont-do = 请安装：apt install fonts-wqy-zenhei（或 fonts-noto-cjk）。
error-MissingCharacter = 已安装的字体中没有单位名称里的某个字。
error-MissingCharacter-do = 请安装有这个字的字体（apt install fonts-noto-cjk），或用 --blank 生成空白表后手写。
error-FormFailed = 无法生成申请表。
error-FormFailed-do = 请换一种字体再试：apt install fonts-wqy-zenhei（或 fonts-noto-cjk）。
error-Usage = 选项不能这样组合。
error-Usage-do = ukeyctl help 加动词可查看说明。
error-TerminalAgent = ukeyctl 无法在此终端询问 PIN码。
error-TerminalAgent-do = 请安装 pinentry 程序（pinentry-curses、pinentry-tty），用 --pinentry 指定，或在桌面启动 ukey-agent。没有询问 PIN码。

usage-out-is-for-one = --out 只能用于一个文件。
usage-out-is-needed = 请用 --out 指明签名写到哪里（- 表示标准输出）。
usage-signature-to-terminal = 签名是二进制数据：请把标准输出导向文件或管道。
usage-signature-is-needed = 请用 --signature 指明标准输入的签名文件。
usage-algorithm-is-needed = 请用 --algorithm 指明签名所用的算法。
usage-yes-is-needed = 没有终端可以确认：请加 --yes（对话框仍会询问）。
usage-yes-to-recover = 没有终端可以确认：请加 --yes。
usage-message-in-json = 使用 --json 时签名消息须写入文件：请用 --out 指明。
usage-message-is-detached = 消息中不含原文，没有可写出的内容。
usage-content-is-needed = 消息中不含原文：请同时给出被签名的文件。
usage-nothing-to-sign = 列表为空。
usage-batch-takes-files = 批量签名只接受文件；签名标准输入请用 ukeyctl sign。
usage-form-to-terminal = PDF 是二进制数据：请把标准输出导向文件或管道，或用 --out 指明文件。
usage-form-in-json = 使用 --json 时申请表须写入文件：请用 --out 指明。
usage-uscc-is-wrong = 统一社会信用代码不正确：应为 18 位，且校验位相符。
usage-der-to-terminal = DER 是二进制数据：请把标准输出导向文件或管道。
usage-random-to-terminal = 随机字节是二进制数据：请把标准输出导向文件或管道，或去掉 --raw。
