import { brandProblems } from "./brand-problems.ts";
import { fillText, type TextValues } from "./fill-text.ts";
import { providerProblems } from "./provider-problems.ts";
import { ToldError } from "./told-error.ts";

/**
 * What can be wrong with a setting, in both languages, once. The English text follows the variable's name, begins in
 * lower case and has no full stop: `must be true or false`; the Chinese one is a sentence of its own that says what to
 * do. None repeats what may hold a password.
 */
export const settingProblems = {
  ...brandProblems,
  ...providerProblems,
  addressWithoutLogIn: {
    zh: "请写成不含用户名和密码的 https 地址。",
    en: "must be an https address without log-in",
  },
  allowedHost: {
    zh: "请写主机名或地址，不带协议和端口，逗号分隔，如 www.example.com；不能是“{value}”。",
    en: 'must list host names or addresses without scheme and port, such as www.example.com, not "{value}"',
  },
  authenticatorNone: {
    zh: "没有写认证方式，请用 {known}。",
    en: "names no way to authenticate: use {known}",
  },
  authenticatorUnknown: {
    zh: "没有“{value}”这种认证方式，可用的有：{known}。",
    en: 'knows no "{value}": use {known}',
  },
  avatarStore: {
    zh: "请写成 s3://密钥ID:密钥@主机/桶?region=区域，其中的 :/?#@% 和空格用 % 编码；不设则存放在数据库。",
    en: "must look like s3://key id:secret@host/bucket?region=…, with %-codes for the signs :/?#@% and spaces in it; unset is the database",
  },
  boolean: { zh: "请写 true 或 false，不能是“{value}”。", en: 'must be true or false, not "{value}"' },
  breachedFile: {
    zh: "指定的文件 {file} 不能用作已泄露密码的文件：{reason}。请用 passwords import-breached 生成。",
    en: "names {file}, which is no list of breached passwords: {reason}. Make one by `passwords import-breached`",
  },
  boundRule: {
    zh: "请用 staff、everybody、group:<用户组> 或 permission:<权限>，逗号分隔，都不要时写 nobody；不能是“{value}”。",
    en: 'must list staff, everybody, group:<name> or permission:<permission>, or be nobody, not "{value}"',
  },
  trustRule: {
    zh: "请写成 <签发者>:amr=<值> 或 <签发者>:acr=<值>，逗号分隔，如 work:amr=mfa；不能是“{value}”。",
    en: 'must list <issuer>:amr=<value> or <issuer>:acr=<value>, such as work:amr=mfa, not "{value}"',
  },
  choice: { zh: "请从 {allowed} 中选一个，不能是“{value}”。", en: 'must be one of {allowed}, not "{value}"' },
  databaseNoFile: {
    zh: "没有写文件名，请写成 sqlite:/path/to/file。",
    en: "names no file: sqlite:/path/to/file",
  },
  databaseUnreadable: {
    zh: "无法识别，请写成 postgres://用户:密码@主机:5432/库名；其中的 :/?#@% 和空格用 % 编码。",
    en: "can't be read: postgres://user:password@host:5432/name, with %-codes for the signs :/?#@% and spaces in it",
  },
  day: {
    zh: "请写日期，如 2027-01-31，不能是“{value}”。",
    en: 'must be a day such as 2027-01-31, not "{value}"',
  },
  domain: {
    zh: "请写域名，逗号分隔，如 example.com；不能是“{value}”。",
    en: 'must list domains, such as example.com, not "{value}"',
  },
  envFolder: {
    zh: "这里应是一个文件，但它是文件夹：请移走或改名。",
    en: "is a folder where a file is expected: move it away",
  },
  envHash: {
    zh: "在 .env 中含有 #，其后的部分会丢失：请用单引号括起整个值；若是注释，请在 # 前加空格。",
    en: "has a # in .env, and what follows would be lost: put the value in single quotes, or a space before a comment",
  },
  envNotText: {
    zh: "不是 UTF-8 文本：请用编辑器另存为 UTF-8 编码。",
    en: "is not UTF-8 text: save it again in that encoding",
  },
  envUnreadable: {
    zh: "无法读取，请检查权限：{reason}。",
    en: "can't be read: {reason}",
  },
  extraFields: {
    zh: "有误：{problems}。",
    en: "can't be used: {problems}",
  },
  extraFieldsFile: {
    zh: "指定的文件无法读取：{reason}。",
    en: "names a file that can't be read: {reason}",
  },
  termsVersion: {
    zh: "请写版本，如 2026-11，最多 50 个字母、数字和 . _ -；不能是“{value}”。",
    en: 'must be a version such as 2026-11, of at most 50 letters, digits and . _ -, not "{value}"',
  },
  fallbacksMany: {
    zh: "最多写 5 个，请去掉已不再需要的。",
    en: "has more than 5: remove those that nothing needs any more",
  },
  fileUnreadable: {
    zh: "无法读取 {parameter} 指定的文件，请检查路径和权限：{reason}。",
    en: "names a file in {parameter} that can't be read: {reason}",
  },
  headerName: {
    zh: "请写请求头的名字，逗号分隔，如 x-shop-version；不能是“{value}”。",
    en: 'must list names of headers, such as x-shop-version, not "{value}"',
  },
  relatedOriginPlain: {
    zh: "只能写 https 地址，不能是“{value}”。",
    en: "must list https origins, not {value}",
  },
  relatedOriginsMany: {
    zh: "最多写 5 个：浏览器不读更多。",
    en: "has more than 5: browsers read no more",
  },
  rpId: {
    zh: "请写域名，如 shop.example，不带协议和端口；不能是“{value}”。",
    en: 'must be a domain such as shop.example, without scheme and port, not "{value}"',
  },
  originNone: {
    zh: "没有写任何站点，请写成 https://www.example.com，多个用逗号分隔。",
    en: "names no origin: write https://www.example.com, several separated by commas",
  },
  originPattern: {
    zh: "不支持通配符“{value}”：请逐个写出站点，如 https://www.example.com,https://m.example.com。",
    en: 'knows no wildcards such as "{value}": list each origin whole, as https://www.example.com,https://m.example.com',
  },
  secretKeyFile: {
    zh: "在文件 {file} 中少于 32 字节，无法安全签名：请写入 32 个以上随机字节，或删除该文件以生成新的（所有人需要重新登录）。",
    en: "in the file {file} is shorter than 32 bytes: put 32 random bytes or more into it, or remove it to have a new one made (everybody then has to log in again)",
  },
  hasherLegacy: {
    zh: "{name} 只能验证旧密码，不能用于新密码：请把其他算法放在第一位。",
    en: "begins with {name}, which may verify old passwords but not hash new ones: put another one first",
  },
  hasherNone: { zh: "没有写密码算法，请用 {known}。", en: "names no hasher: use {known}" },
  hasherUnknown: {
    zh: "没有“{value}”这种密码算法，可用的有：{known}。",
    en: 'knows no "{value}": use {known}',
  },
  hookPlain: {
    zh: "请使用 https；若 {host} 是内网主机，请加入 HOOK_PRIVATE_HOSTS。",
    en: "must be an https address; a private host is named in HOOK_PRIVATE_HOSTS: {host}",
  },
  hookSecret: {
    zh: "请写成 whsec_ 加 24 到 64 个随机字节的 base64。",
    en: "must be whsec_ and 24 to 64 random bytes in base64",
  },
  hookWithoutSecret: {
    zh: "缺少签名密钥，请设置 HOOK_SECRET。",
    en: "needs HOOK_SECRET, by which the receiver knows who asks",
  },
  host: {
    zh: "请写 IPv4 地址、IPv6 地址或主机名，不带协议和端口，不能是“{value}”。",
    en: 'must be an IPv4 address, an IPv6 address or a host name, without scheme and port, not "{value}"',
  },
  hostLinkLocal: {
    zh: "不能使用链路本地地址，请改为监听 ::。",
    en: "must not be a link-local address: listen on :: instead",
  },
  httpsInProduction: { zh: "生产环境请使用 https 地址。", en: "must be an https address in production" },
  integer: {
    zh: "请写 {min} 到 {max} 之间的整数，不能是“{value}”。",
    en: 'must be a whole number from {min} to {max}, not "{value}"',
  },
  languageNotOffered: {
    zh: "“{value}”不在提供的语言中，可用的有：{known}。",
    en: 'names "{value}", which is not offered: use {known}',
  },
  languageUnknown: {
    zh: "没有“{value}”这种语言，请写语言标签，如 zh-Hans、en、ja。",
    en: 'knows no language "{value}": write its tag, such as zh-Hans, en, ja',
  },
  languageWithoutTexts: {
    zh: "没有“{value}”的文字，可用的有：{known}；其他语言请在 TEXTS_DIR 中放一个文件。",
    en: 'names "{value}", which there are no texts in: use {known}, or put a file for it into TEXTS_DIR',
  },
  origin: {
    zh: "“{value}”不是站点地址，请写成 https://www.example.com 的形式。",
    en: '"{value}" is not an origin such as https://www.example.com',
  },
  originTooLong: {
    zh: "“{value}”只能包含协议、主机和端口，请写成 https://www.example.com 的形式。",
    en: '"{value}" must be scheme, host and port only, such as https://www.example.com',
  },
  outgoingProxy: {
    zh: "请写代理的地址，如 http://proxy.example.com:3128。",
    en: "must be the address of a proxy, such as http://proxy.example.com:3128",
  },
  mailboxInProduction: {
    zh: "生产环境没有开发邮箱：请去掉此项。",
    en: "is for development: production has no mailbox",
  },
  portTaken: {
    zh: "与 {other} 都是 {port}，请换一个端口。",
    en: "must differ from {other}: both are {port}",
  },
  redisAuthorityNeedsTls: {
    zh: "tls_ca 只能与 rediss… 一起使用：请改用 rediss，或去掉 tls_ca。",
    en: "has tls_ca, which is for rediss… only",
  },
  redisClusterDatabase: {
    zh: "Redis Cluster 只有 0 号库，请去掉末尾的库编号。",
    en: "ends in a database number, and a Redis Cluster has 0 only",
  },
  redisForm: {
    zh: "无法识别，请写成 redis://主机:端口/0、redis+sentinel://主机:端口,主机:端口/主库名/0 或 redis+cluster://主机:端口,主机:端口（rediss… 使用 TLS，自己的 CA 用 ?tls_ca=/path/ca.crt；Sentinel 自己的密码用 ?sentinel_password=…）。",
    en: "is none of redis://host:port/0, redis+sentinel://host:port,host:port/master/0, redis+cluster://host:port,host:port (rediss… for TLS, with ?tls_ca=/path/ca.crt for an authority of its own; ?sentinel_password=… where the Sentinels ask for one)",
  },
  redisHost: { zh: "主机或端口无法识别，请检查。", en: "holds a host or port that can't be read" },
  redisManyHosts: {
    zh: "写了多个主机，请用 redis+sentinel:// 或 redis+cluster://。",
    en: "lists several hosts: use redis+sentinel:// or redis+cluster://",
  },
  redisMaster: {
    zh: "缺少 Sentinel 的主库名，请写在末尾：…/mymaster。",
    en: "lacks the name of the Sentinels' master: …/mymaster",
  },
  redisPath: { zh: "末尾必须是库编号，如 /0。", en: "ends in a path that is not a database number" },
  redisPercent: { zh: "其中的百分号请写成 %25。", en: "has a percent sign that must be written as %25" },
  redisPrefix: {
    zh: "只能用字母、数字和 . _ - :，以字母或数字开头，不以 : 结尾，最多 64 个字符，不能是“{value}”。",
    en: 'must be at most 64 letters, digits and . _ - :, with a letter or digit first and no : last, not "{value}"',
  },
  redisSentinelLogIn: {
    zh: "sentinel_password 与 sentinel_username 只用于 redis+sentinel://，且 sentinel_username 须与 sentinel_password 同时设置，请检查。",
    en: "has sentinel_password or sentinel_username, which are for redis+sentinel:// only, the name together with the password",
  },
  requiredKey: {
    zh: "生产环境必须设置：令牌必须用所有机器上都相同且不变的密钥签名。",
    en: "is required in production: tokens must be signed with a key that stays the same on every machine",
  },
  requiredMail: {
    zh: "生产环境必须设置：验证码要通过邮件送达。",
    en: "is required in production: codes have to reach people by mail",
  },
  requiredOrigins: {
    zh: "生产环境必须设置：浏览器不允许名单之外的站点调用接口。",
    en: "is required in production: browsers refuse the API to origins that are not listed",
  },
  sandboxInProduction: {
    zh: "生产环境不能启用沙箱，否则任何人都能冒充别人：请去掉此项。",
    en: "can't be enabled in production: anybody could log in as anybody",
  },
  captchaTextInProduction: {
    zh: "生产环境不能固定图形验证码的文字，否则它什么也挡不住：请去掉此项。",
    en: "can't be set in production: a picture whose text everybody knows keeps nobody away",
  },
  captchaText: {
    zh: "请写 4 到 6 个字母或数字，不能是“{value}”。",
    en: 'must be 4 to 6 letters or digits, not "{value}"',
  },
  scheme: { zh: "开头必须是 {schemes}。", en: "must begin with {schemes}" },
  secretKeyShort: { zh: "密钥太短，至少需要 32 字节。", en: "is too short: use at least 32 bytes" },
  sender: {
    zh: "请写成 美多商城<name@example.com> 或 name@example.com 的形式。",
    en: "must look like 美多商城<name@example.com> or name@example.com",
  },
  mailForm: {
    zh: "请写成 smtps://用户:授权码@主机:465、hook+https://whsec_密钥@主机/路径、resend://API密钥@api.resend.com 或 directmail://AccessKeyId:Secret@dm.aliyuncs.com。",
    en: "must look like smtps://user:code@host:465, hook+https://whsec_secret@host/path, resend://api-key@api.resend.com or directmail://AccessKeyId:secret@dm.aliyuncs.com",
  },
  mailPlain: {
    zh: "只有本机的服务可以用 http，请改用 https。",
    en: "may speak plain http to this machine alone: use https",
  },
  mailEventsToken: {
    zh: "请写成 16 到 200 个字母、数字、- 或 _。",
    en: "must be 16 to 200 letters, digits, - or _",
  },
  mailTwice: {
    zh: "不能与 SMTP_URL 同时设置，请只留一个。",
    en: "is set beside SMTP_URL, which is its older name: keep one",
  },
  smsForm: {
    zh: "请写成 aliyun://AccessKeyId:Secret@dysmsapi.aliyuncs.com，其他写法见 docs/sms.zh.md。",
    en: "must look like aliyun://AccessKeyId:secret@dysmsapi.aliyuncs.com; docs/sms.md has the others",
  },
  smsParameter: {
    zh: "的 {vendor}:// 还需要参数 ?{name}=，写法见 docs/sms.zh.md。",
    en: "needs ?{name}=… where it begins with {vendor}://; see docs/sms.md",
  },
  captchaForm: {
    zh: "请写 altcha、none，或 turnstile://站点密钥:密钥@challenges.cloudflare.com 一类的地址，写法见 docs/limits.zh.md。",
    en: "must be altcha, none, or an address such as turnstile://sitekey:secret@challenges.cloudflare.com; see docs/limits.md",
  },
  captchaInProduction: {
    zh: "生产环境不能用 +http 的人机验证：它是沙箱的，谁都能通过，访问者的浏览器也打不开。",
    en: "can't begin with …+http in production: that is the sandbox's, which everybody passes, and no visitor's browser can reach it",
  },
  captchaParameter: {
    zh: "的 {vendor}:// 还需要参数 ?{name}=，写法见 docs/limits.zh.md。",
    en: "needs ?{name}=… where it begins with {vendor}://; see docs/limits.md",
  },
  smsCountry: {
    zh: "请写有电话号码的国家或地区的 ISO 3166-1 两位代码，逗号分隔，如 CN,HK；不能是“{value}”。",
    en: 'must list countries that have telephone numbers by their two letters of ISO 3166-1, such as CN,HK, not "{value}"',
  },
  smsParameters: {
    zh: "请写模板变量，逗号分隔，如 code 或 code,min=minutes；不能是“{value}”。",
    en: 'must list what templates are filled with, such as code or code,min=minutes, not "{value}"',
  },
  smsSignName: {
    zh: "缺少此项：请写审核通过的短信签名，不带【】。",
    en: "is missing: the vendor sends under an approved signature alone; write it without 【】",
  },
  smsTemplates: {
    zh: "缺少 {missing} 的模板：请写审核通过的模板编号，如 changeMobile=SMS_123456，或用 *=SMS_123456 表示其余用途。",
    en: "has no template for {missing}: name an approved one, as in changeMobile=SMS_123456, or *=SMS_123456 for all others",
  },
  smsTemplatesForm: {
    zh: "请写成 changeMobile=SMS_123456,*=SMS_654321，每个用途一次；不能是“{value}”。",
    en: 'must look like changeMobile=SMS_123456,*=SMS_654321, each purpose once, not "{value}"',
  },
  oauthKeyFile: {
    zh: "中 key_file 指定的文件不是 Google 服务账号的 JSON 密钥。",
    en: "names a key_file that is not the JSON key of a Google service account",
  },
  oauthMissing: {
    zh: "?oauth={provider} 还需要参数 {name}。",
    en: "needs the parameter {name} beside ?oauth={provider}",
  },
  oauthProvider: {
    zh: "?oauth= 只能是 microsoft、google 或 google-service，不能是“{value}”。",
    en: 'has a wrong ?oauth=: it must be microsoft, google or google-service, not "{value}"',
  },
  oauthTokenUrl: {
    zh: "?token_url= 必须是 https 地址。",
    en: "has a wrong ?token_url=: it must be an https address",
  },
  smtpForm: {
    zh: "请写成 smtps://用户:授权码@smtp.example.com:465 的形式。",
    en: "must look like smtps://user:authorization-code@smtp.example.com:465",
  },
  smtpMailbox: {
    zh: "使用 ?oauth= 时，@ 前只写发信邮箱，不写密码。",
    en: "needs the mailbox alone before the host where ?oauth= is used, without a password",
  },
  smtpNoCode: {
    zh: "只有用户名而没有授权码，请写成 smtps://用户:授权码@主机。",
    en: "has a user name without an authorization code: smtps://user:code@host",
  },
  smtpPercent: {
    zh: "用户名或授权码中的百分号请写成 %25。",
    en: "has a percent sign in its user name or code that must be written as %25",
  },
  smtpPort: { zh: "端口必须在 1 到 65535 之间。", en: "has a wrong port: it must be between 1 and 65535" },
  smtpTls: {
    zh: "?tls= 只能是 required、optional 或 never。",
    en: "has a wrong ?tls=: it must be required, optional or never",
  },
  templateAstray: {
    zh: '的邮件模板 {file} 中，{name} 写在了标签、注释或 style 里：值只能写在文字中；名字以 Url 结尾的，还可以写在 href="…" 的开头。',
    en: 'has in the mail template {file} {name} within a tag, a comment or a style: a value is for the text; one whose name ends in Url may also begin an href="…"',
  },
  templateHalf: {
    zh: "中有邮件模板 {kind}.{tag}.{there}，缺少 {kind}.{tag}.{lacks}：两种都要有。",
    en: "holds the mail template {kind}.{tag}.{there} without {kind}.{tag}.{lacks}: both are needed",
  },
  templateMissingPlace: {
    zh: "的邮件模板 {file} 缺少 {name}，请写在文字中。",
    en: "has the mail template {file}, which lacks {name}",
  },
  templateName: {
    zh: "的 mails 目录中，{file} 不是邮件模板，请命名为 <邮件>.<语言>.txt 和 .html，如 register.zh-Hans.html；邮件有：{known}。",
    en: "has in its folder mails {file}, which is no template: call it <mail>.<language>.txt or .html, as register.en.html; mails are {known}",
  },
  templateUnknownPlace: {
    zh: "的邮件模板 {file} 中没有 {name} 可填，可用的有：{known}。",
    en: "has in the mail template {file} {name}, which nothing fills: use {known}",
  },
  templateUnreadable: {
    zh: "的邮件模板 {file} 无法读取，请检查权限和 UTF-8 编码：{reason}。",
    en: "has the mail template {file}, which can't be read as UTF-8: {reason}",
  },
  textControls: {
    zh: "的文件 {file} 中，“{key}”含有换行、控制字符或改变文字方向的字符，请去掉。",
    en: 'has in {file} a line break, a control character or one that turns the direction of text: mend "{key}"',
  },
  textEmpty: {
    zh: "的文件 {file} 中，“{key}”是空的：请写上文字，或去掉这一项。",
    en: 'has in {file} no text for "{key}": write one, or leave the key out',
  },
  textMissingPlace: {
    zh: "的文件 {file} 中，“{key}”缺少 {name}，请写在文字中。",
    en: 'has in {file} a text that lacks {name}: mend "{key}"',
  },
  textNotAString: {
    zh: "的文件 {file} 中，“{key}”必须是一段带引号的文字。",
    en: 'has in {file} something other than a text in quotes: mend "{key}"',
  },
  textTooLong: {
    zh: "的文件 {file} 中，“{key}”太长，最多 {limit} 个字符。",
    en: 'has in {file} a text of more than {limit} characters: shorten "{key}"',
  },
  textUnknownKey: {
    zh: "的文件 {file} 中，没有“{key}”这个键，是不是“{closest}”？全部的键见 manage texts。",
    en: 'has in {file} the key "{key}", which there is not; did you mean "{closest}"? "manage texts" lists them all',
  },
  textUnknownPlace: {
    zh: "的文件 {file} 中，“{key}”里没有 {name} 可填，可用的有：{known}。",
    en: 'has in {file} {name} in a text that can have {known}: mend "{key}"',
  },
  textsFileName: {
    zh: "中的文件 {file} 不是语言文件，请以语言标签命名，如 zh-Hans.json、en.json、ja.json。",
    en: "holds {file}, which is named after no language: call it as zh-Hans.json, en.json, ja.json are",
  },
  textsFolder: {
    zh: "指定的目录无法读取，请检查路径和权限：{reason}。",
    en: "names a folder that can't be read: {reason}",
  },
  textsNotAnObject: {
    zh: "的文件 {file} 中应是一个 JSON 对象，如 {example}。",
    en: "has in {file} something other than a JSON object such as {example}",
  },
  textsTwice: {
    zh: "中的文件 {file} 与另一个文件是同一种语言，请合并。",
    en: "holds {file} and another file of the same language: make one of them",
  },
  textsUnreadable: {
    zh: "的文件 {file} 无法读取，请检查权限和 JSON 格式：{reason}。",
    en: "has the file {file}, which can't be read as JSON in UTF-8: {reason}",
  },
  trustProxy: {
    zh: "请写代理的层数（如 1）或代理的地址列表（如 10.0.0.0/8），不能是“{value}”。",
    en: 'must be a number of proxies, such as 1, or a list of their addresses, such as 10.0.0.0/8, not "{value}"',
  },
  tutorialHosts: {
    zh: "只用于开发环境，是教程的布局：请改为设置 PUBLIC_SITE_URL 和 PUBLIC_API_URL。",
    en: "is the tutorial's layout, for development: set PUBLIC_SITE_URL and PUBLIC_API_URL instead",
  },
  webAddress: {
    zh: "请写完整的 http 或 https 地址，不能是“{value}”。",
    en: 'must be an absolute http or https address, not "{value}"',
  },
  webAddressLogIn: { zh: "地址中不能有用户名和密码，请去掉。", en: "must not hold a user name or password" },
  webAddressPath: {
    zh: "路径只能由字母、数字和 - . _ ~ 组成，用单个 / 分隔，如 https://shop.example/account；不能有 //、..、\\ 和 %。",
    en: "must have a plain path or none, as https://shop.example/account: letters, digits and - . _ ~ between single slashes, no //, .., \\ or %",
  },
  webAddressTail: {
    zh: "请去掉 ? 和 # 及其后的部分：后面还要拼接路径。",
    en: "must end before ? and #: paths are added to it",
  },
  username: {
    zh: "请写用户名，逗号分隔，只能有文字、数字和 . + - _；不能是“{value}”。",
    en: 'must list user names of letters, digits and . + - _, separated by commas, not "{value}"',
  },
} as const satisfies Readonly<Record<string, { readonly zh: string; readonly en: string }>>;

export type SettingProblemCode = keyof typeof settingProblems;
/** A list reads differently in the two languages; anything else is the same in both. */
type Parameters = Readonly<Record<string, string | number | { readonly zh: string; readonly en: string }>>;

/** Thrown by whatever reads a setting. config.ts collects them all and reports them together. */
export class SettingProblem extends ToldError {
  constructor(code: SettingProblemCode, parameters: Parameters = {}) {
    const { zh, en } = settingProblems[code];
    super(fillText(zh, valuesIn("zh", parameters)), fillText(en, valuesIn("en", parameters)));
  }
}

function valuesIn(language: "zh" | "en", parameters: Parameters): TextValues {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      typeof value === "object" ? value[language] : value,
    ]),
  );
}
