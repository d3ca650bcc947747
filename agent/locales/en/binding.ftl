# Binding information (ukeyctl bind-info, the tray's menu)

binding-serial = Certificate serial number
binding-holder-id = USCC
binding-unit = Unit
binding-line = { $name }: { $value }
