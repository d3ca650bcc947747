# 证书到期提醒

title-days = { $name }：证书还有 { $days } 天到期
title-tomorrow = { $name }：证书明天到期
title-today = { $name }：证书今天到期
title-ended-today = { $name }：证书今天已到期
title-ended = { $name }：证书已过期 { $days } 天

line-key = UKey：{ $label }（序列号 { $serial }）
line-end = { $kind }有效期至 { $date } { $time }
line-renew = 请在到期前办理更新：须在到期前一个月内，携带此 UKey 到原发证服务网点申请。逾期未办，将不能再签名下单。
line-ended = 此证书已不能签名。请尽快携带此 UKey 到原发证服务网点办理。
line-place = 办理地点：{ $place }
line-hotline = 服务热线：{ $hotline }

kind-signature = 签名证书
kind-encryption = 加密证书
kind-pair = 签名证书和加密证书
kind-both = 证书

button-advice = 怎么办
button-tomorrow = 明天再提醒
button-copy = 复制绑定信息
advice-title = 证书更新
without-buttons = 详细办法见任务栏 UKey 图标的菜单“怎么办”。
