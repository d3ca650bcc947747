# 绑定信息（ukeyctl bind-info、托盘菜单）

binding-serial = 证书序列号
binding-holder-id = 统一社会信用代码
binding-unit = 单位名称
binding-line = { $name }：{ $value }
