# 没有匹配的 CA 文件（ca.d）时的一般说明，以及更新时机。列表每行一项。

service-new = 新申请
service-renew = 更新
service-reissue = 补办
service-unlock = 解锁
service-revoke = 注销
service-change = 变更

## 标题

title-when = 什么时候办
title-where = 到哪里办
title-bring = 要带什么
title-steps = 怎么办
title-consequences = 请注意
title-hotline = 客服热线
title-website = 网站
line-item = { $title }：{ $text }
line-title = { $title }：
line-hotline = { $number }（{ $hours }）
short-where = 办理地点：{ $place }
short-hotline = 客服热线：{ $hotline }

## 更新时机

timing-early =
    现在还不用更新：证书还有 { $days } 天到期，到期前 { $window } 天内（{ $opens } 天后）再去办理。
timing-open = { $days ->
    [0] 证书今天到期，请马上去更新。
   *[other] 证书还有 { $days } 天到期，现在可以更新了，请尽快去办理。
 }
timing-expired = { $days ->
    [0] 证书已经过期，不能再签名，请马上去办理更新。
   *[other] 证书已过期 { $days } 天，不能再签名，请马上去办理更新。
 }
early-harm =
    更新过早：用旧证书加密的文件可能再也打不开。
    更新过早：采购平台的账号绑定证书序列号，更新后序列号会变，要重新绑定，没办完的业务会受影响。

## 一般说明：新申请

new-summary = 首次办理单位数字证书。
new-when = 单位还没有数字证书时。
new-where = 颁发证书的 CA 的服务点；采购平台会说明认可哪些 CA。
new-bring =
    CA 的申请表，加盖公章
    单位证件（统一社会信用代码证或营业执照）复印件，加盖公章
    经办人身份证复印件，加盖公章
new-steps =
    向采购平台问清认可哪些 CA，并取得该 CA 的申请表。
    填表、盖章，带上材料去办理，领取 UKey。
    领到后修改初始 PIN 码。
new-consequences =
    用证书做的事都算本单位的行为，PIN 码不要告诉任何人。

## 更新

renew-summary = 证书快到期时，要到 CA 办理更新。
renew-when = 证书到期前一个月内。
renew-where = 当初领取这个 UKey 的 CA 服务点。
renew-bring =
    这个 UKey
    CA 的申请表（更新），加盖公章
    单位证件复印件和经办人身份证复印件，加盖公章
renew-steps =
    先给 CA 打电话，问清地点和材料。
    先把用旧证书加密的文件解密保存好。
    带上 UKey 和材料去更新。
    更新后证书序列号会变：到采购平台重新绑定账号。
renew-consequences =
    过期的证书不能再签名、下订单。

## 补办

reissue-summary = UKey 丢失或损坏，要到 CA 补办，一般要收费。
reissue-when = 发现后尽快。丢失的，先打电话告知 CA，以免被人冒用。
reissue-where = 颁发证书的 CA 的服务点。
reissue-bring =
    CA 的申请表（补办），加盖公章
    单位证件复印件和经办人身份证复印件，加盖公章
    损坏的 UKey（没有丢失的话）
reissue-steps =
    丢失的，马上打电话告知 CA。
    带上材料去补办。
    补办后证书序列号会变：到采购平台重新绑定账号。
reissue-consequences =
    没有及时告知 CA，被人冒用的后果由单位自己承担。

## 解锁

unlock-summary = PIN 码锁定了，要解锁后才能再用。
unlock-when = 随时可以办；锁定期间不能签名。
unlock-where = 颁发证书的 CA 的服务点，或者请持有管理员 PIN 码的技术人员上门。
unlock-bring =
    这个 UKey
    CA 的申请表（解锁），加盖公章
    单位证件复印件和经办人身份证复印件，加盖公章
unlock-steps =
    不要再试 PIN 码，也不要格式化 UKey。
    先给 CA 打电话，问清地点和材料，再去办理解锁。
    解锁时由使用人亲自设置新的 PIN 码，不要让别人知道。
unlock-consequences =
    解锁不改变证书，不用重新绑定平台账号。

## 注销

revoke-summary = 私钥可能泄露、UKey 丢失或不再使用证书时，要马上申请注销（吊销）。
revoke-when = 马上。
revoke-where = 颁发证书的 CA，先打电话。
revoke-bring =
    CA 的申请表（注销），加盖公章
    单位证件复印件和经办人身份证复印件，加盖公章
revoke-steps =
    马上给 CA 打电话，说明要吊销证书和原因。
    带上材料办理手续。
revoke-consequences =
    吊销以前用证书做的事，后果仍由单位承担，所以越快越好。
    吊销后证书不能再用。

## 变更

change-summary = 单位名称等信息变了，要到 CA 办理变更。
change-when = 信息变更后尽快。
change-where = 颁发证书的 CA 的服务点。
change-bring =
    这个 UKey
    CA 的申请表（变更），加盖公章
    变更的证明文件
    单位证件复印件和经办人身份证复印件，加盖公章
change-steps =
    先给 CA 打电话，问清要什么证明。
    带上 UKey 和材料去办理。
    变更后核对证书上的信息，并到采购平台重新绑定账号。
change-consequences =
    证书信息与实际不符，平台可能拒绝。
