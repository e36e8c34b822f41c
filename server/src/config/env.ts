import { parseRedisUrl } from "../engines/kv/redis-address.ts";
import { readRedisPrefix } from "../engines/kv/redis-keys.ts";
import { parseSender, parseSmtpUrl } from "../engines/mail/smtp-url.ts";
import {
  readDatabaseUrl,
  readHost,
  readTrustProxy,
  type TrustProxy,
} from "../kernel/settings/network-settings.ts";
import {
  boolean,
  choice,
  headerNames,
  integer,
  itemsOf,
  list,
  optionalBoolean,
  optionalText,
  origins,
  parsed,
  port,
  siteUrl,
  text,
  url,
  webAddress,
} from "../kernel/settings/variable.ts";
import { defaultHashers, type HasherName, readHasherNames } from "../passwords/hasher-names.ts";
import { maxHashConcurrency } from "../process/hash-concurrency.ts";
import { exposureVariables } from "./exposure-env.ts";
import { oauthVariables } from "./oauth-env.ts";

/** Every environment variable the product reads, once. `docs/configuration.md` is generated from this table. */
export const variables = {
  ENVIRONMENT: choice("development", ["development", "production"], {
    zh: "运行环境。production 要求 SECRET_KEY、SMTP_URL、CORS_ORIGIN_WHITELIST，并关闭开发邮箱和沙箱。",
    en: "production requires SECRET_KEY, SMTP_URL and CORS_ORIGIN_WHITELIST, and has no mailbox and no sandbox.",
  }),
  HOST: parsed(
    "127.0.0.1",
    {
      zh: "监听地址：IPv4、IPv6（如 ::1）或主机名。",
      en: "Address to listen on: IPv4, IPv6 (such as ::1) or a host name.",
    },
    readHost,
  ),
  API_PORT: port(8000, { zh: "接口端口。", en: "Port of the API." }),
  WEB_PORT: port(8080, { zh: "站点端口。", en: "Port of the site." }),
  DATA_DIR: text("./data", {
    zh: "内嵌数据库和自动生成的密钥所在目录。",
    en: "Folder of the embedded database and the generated secret.",
  }),
  SECRET_KEY: optionalText({
    secret: true,
    fallbackText: "generated into DATA_DIR/secret-key (development)",
    zh: "签名密钥，至少 32 字节；与原 Django 的 SECRET_KEY 相同时令牌互通。",
    en: "Signing key, at least 32 bytes; the same as Django's SECRET_KEY makes tokens interchangeable.",
  }),
  DATABASE_URL: url(["postgres", "postgresql", "sqlite"], readDatabaseUrl, {
    fallbackText: "sqlite:DATA_DIR/meiduo.sqlite3",
    zh: "postgres://… 使用 PostgreSQL；缺省为内嵌 SQLite。",
    en: "postgres://… uses PostgreSQL; the default is the embedded SQLite.",
  }),
  DATABASE_POOL_SIZE: integer(
    10,
    { min: 1, max: 500 },
    { zh: "PostgreSQL 连接池大小。", en: "Connections in the PostgreSQL pool." },
  ),
  REDIS_URL: url(
    ["redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster"],
    parseRedisUrl,
    {
      zh: "设置后验证码、限速和任务队列使用 Redis；也可写 redis+sentinel://…（Sentinel 的密码：?sentinel_password=）或 redis+cluster://…。",
      en: "When set, codes, limits and jobs use Redis; also redis+sentinel://… (the Sentinels' password: ?sentinel_password=) and redis+cluster://….",
    },
  ),
  REDIS_PREFIX: parsed(
    "",
    {
      fallbackText: "(none)",
      zh: "Redis 中所有键的前缀，如 shop。多个网站共用一个 Redis 时，每个网站用各自的前缀。更改后，排队的邮件和未用的验证码不再有效。",
      en: "What all keys in Redis begin with, such as shop. Sites that share one Redis need one each. Queued mails and codes on their way don't survive a change.",
    },
    readRedisPrefix,
  ),
  SMTP_URL: url(["smtp", "smtps"], parseSmtpUrl, {
    fallbackText: "the development mailbox",
    zh: "smtp://用户:授权码@主机:587 或 smtps://…:465。",
    en: "smtp://user:authorization-code@host:587 or smtps://…:465.",
  }),
  EMAIL_FROM: parsed(
    "美多商城 <no-reply@meiduo.example>",
    {
      zh: "发件人；QQ、163 邮箱要求与登录账号一致。",
      en: "Sender; QQ and 163 require the address that logs in.",
    },
    (raw) => {
      parseSender(raw);
      return raw;
    },
  ),
  CORS_ORIGIN_WHITELIST: origins(
    [
      "http://127.0.0.1:8080",
      "http://localhost:8080",
      "http://www.meiduo.com:8080",
      "http://api.meiduo.com:8000",
    ],
    {
      zh: "允许跨域访问接口的站点，逗号分隔。开发环境自动包含 PUBLIC_SITE_URL。",
      en: "Origins that may call the API, comma separated. Development adds PUBLIC_SITE_URL by itself.",
    },
  ),
  CORS_ALLOW_HEADERS: headerNames({
    fallbackText: "(none)",
    zh: "前端跨域请求中自带的其他请求头，逗号分隔；标准头和 traceparent、baggage、sentry-trace 等追踪头无需列出。",
    en: "Further request headers that a front end on another origin sends, comma separated; the usual ones and those of tracing (traceparent, baggage, sentry-trace) need no entry.",
  }),
  PUBLIC_SITE_URL: siteUrl("", {
    fallbackText: "http://HOST:WEB_PORT",
    zh: "用户看到的站点地址，用于邮件和第三方回调。",
    en: "The site's address as visitors see it; used in mails and third-party callbacks.",
  }),
  PUBLIC_API_URL: siteUrl("", {
    fallbackText: "http://HOST:API_PORT",
    zh: "浏览器访问接口的地址。",
    en: "The API's address as browsers reach it.",
  }),
  ...exposureVariables,
  TRUST_PROXY: parsed<TrustProxy>(
    false,
    {
      fallbackText: "(none)",
      zh: "可信代理：跳数（如 1）或地址、网段列表（如 10.0.0.0/8）；缺省不信任 X-Forwarded-For。",
      en: "Trusted proxies: a number of hops (such as 1) or a list of addresses and networks (such as 10.0.0.0/8). By default X-Forwarded-For is not trusted.",
    },
    readTrustProxy,
  ),
  JWT_EXPIRATION_DELTA: integer(
    86_400,
    { min: 60, max: 31_536_000 },
    { zh: "令牌有效期（秒）。", en: "Life of an access token in seconds." },
  ),
  FOREIGN_TOKEN_LIFE: integer(
    0,
    { min: 0, max: 4_000_000_000 },
    {
      fallbackText: "JWT_EXPIRATION_DELTA",
      zh: "其他服务用同一 SECRET_KEY 签发的令牌的最长有效期（秒），0 表示与 JWT_EXPIRATION_DELTA 相同；有效期更长的令牌被拒绝。",
      en: "Longest life, in seconds, of tokens that other services issue under the same SECRET_KEY; 0 means JWT_EXPIRATION_DELTA. Longer ones are refused.",
    },
  ),
  FOREIGN_TOKEN_WITHOUT_USERNAME: boolean(false, {
    zh: "是否接受其他服务签发的不含 username、且 token_type 为 access 的令牌（drf-simplejwt 缺省如此）；此时仅凭 user_id 认人，两边的用户编号须一致。",
    en: "Whether to take tokens of other services that have no username and say token_type access, as drf-simplejwt's; user_id alone then decides, so the services' ids must be the same people's.",
  }),
  EMAIL_CODE_EXPIRES: integer(
    180,
    { min: 5, max: 3600 },
    { zh: "邮箱验证码有效期（秒）。", en: "Life of a verification code in seconds." },
  ),
  SEND_CODE_INTERVAL: integer(
    60,
    { min: 1, max: 3600 },
    {
      zh: "同一客户端（设备或网络）向同一邮箱两次发送的最短间隔（秒）。",
      en: "Least number of seconds between two codes that one client (device or network) asks for one address.",
    },
  ),
  EMAIL_CODES_PER_HOUR: integer(
    5,
    { min: 5, max: 1000 },
    {
      zh: "同一邮箱每小时最多发送的验证码邮件数；其中五分之二只留给登录过该账号的设备。",
      en: "Codes mailed to one address within an hour; two fifths are kept for devices that logged in to its account.",
    },
  ),
  EMAIL_CODES_PER_DAY: integer(
    10,
    { min: 5, max: 10_000 },
    {
      zh: "同一邮箱每天最多发送的验证码邮件数；其中五分之二只留给登录过该账号的设备。",
      en: "Codes mailed to one address within a day; two fifths are kept for devices that logged in to its account.",
    },
  ),
  CODE_REQUEST_LIMIT: integer(
    0,
    { min: 0, max: 1_000_000 },
    {
      fallbackText: "120 (production), 0 (development)",
      zh: "每个客户端地址每小时可请求的验证码数，0 表示缺省值。",
      en: "Codes one client address may ask for in an hour; 0 means the default.",
    },
  ),
  CODE_TRY_LIMIT: integer(
    0,
    { min: 0, max: 1_000_000 },
    {
      fallbackText: "300 (production), 1000 (development)",
      zh: "每个客户端地址每小时可输错的验证码数，0 表示缺省值。",
      en: "Wrong verification codes one client address may type in an hour; 0 means the default.",
    },
  ),
  WRONG_CODE_ALARM: integer(
    300,
    { min: 1, max: 1_000_000_000 },
    {
      zh: "全站一小时内输错的验证码达到此数时，日志写一条告警（alarm: wrong_codes）。",
      en: "Wrong verification codes on the whole site within an hour at which the log warns (alarm: wrong_codes).",
    },
  ),
  LOGIN_FAILURE_LIMIT: integer(
    100,
    { min: 5, max: 1_000_000 },
    {
      zh: "同一账号一小时内连续失败的登录次数上限：所有陌生设备合计，登录过该账号的设备各自单独计算。一个客户端地址最多占其五分之一（至少 5 次）。",
      en: "Consecutive failed log-ins of one account within an hour: of all strangers together, and of each device that logged in to it before. One client address may use a fifth of it (5 at least).",
    },
  ),
  LOGIN_FAILURE_LIMIT_PER_DAY: integer(
    100,
    { min: 5, max: 1_000_000 },
    {
      zh: "同上，一天内的次数上限。一个客户端地址最多占其一半（至少 5 次）。",
      en: "The same within a day. One client address may use half of it (5 at least).",
    },
  ),
  LOGIN_FAILURE_LIMIT_PER_CLIENT: integer(
    0,
    { min: 0, max: 1_000_000 },
    {
      fallbackText: "600 (production), 0 (development)",
      zh: "同一客户端地址一小时内失败的登录次数上限，0 表示缺省值。",
      en: "Failed log-ins of one client address within an hour before it has to wait; 0 means the default.",
    },
  ),
  LOGIN_ATTEMPT_LIMIT: integer(
    0,
    { min: 0, max: 1_000_000 },
    {
      fallbackText: "1200 (production), 0 (development)",
      zh: "同一账号一小时内的登录次数上限（无论成败）：陌生设备合计，登录过的设备各自计算。HTTP Basic 的每个请求都是一次登录。0 表示缺省值。",
      en: "Log-ins of one account within an hour, right or wrong: of all strangers together, and of each device that logged in before. Each request by HTTP Basic is one. 0 means the default.",
    },
  ),
  LOGIN_ATTEMPT_LIMIT_PER_CLIENT: integer(
    0,
    { min: 0, max: 1_000_000 },
    {
      fallbackText: "6000 (production), 0 (development)",
      zh: "同一客户端地址一小时内的登录次数上限（无论成败），登录过的设备不计入。0 表示缺省值。",
      en: "Log-ins of one client address within an hour, right or wrong, but for devices that logged in before. 0 means the default.",
    },
  ),
  LOGIN_FAILURE_ALARM: integer(
    1000,
    { min: 1, max: 1_000_000_000 },
    {
      zh: "全站一小时内失败的登录达到此数时，日志写一条告警（alarm: failed_log_ins）。",
      en: "Failed log-ins on the whole site within an hour at which the log warns (alarm: failed_log_ins).",
    },
  ),
  PASSWORD_HASHERS: parsed<readonly HasherName[]>(
    defaultHashers,
    {
      zh: "密码哈希算法列表，第一个用于新密码，其余仅验证。另有旧式的 sha1、md5、unsalted_sha1、unsalted_md5，默认关闭，只能用于验证。",
      en: "Password hashers: the first makes new hashes, all verify. Off by default, and for verifying alone: the legacy sha1, md5, unsalted_sha1, unsalted_md5.",
    },
    (raw) => readHasherNames(itemsOf(raw)),
  ),
  RESERVED_USERNAMES: list([], {
    zh: "除内置名单（admin、support、客服等）外，注册时不能选用的用户名（前后加数字也不行），逗号分隔。",
    en: "User names nobody can choose, with or without digits around, besides the built-in ones (admin, support, 客服 and the like), comma separated.",
  }),
  AUTHENTICATORS: list(["jwt"], {
    zh: "按顺序尝试的身份认证方式：jwt、basic（HTTP Basic，默认关闭，每次请求都要计算一次哈希）。",
    en: "Ways to authenticate, asked in this order: jwt, basic (HTTP Basic, off by default; a hash per request).",
  }),
  HASH_CONCURRENCY: integer(
    0,
    { min: 0, max: maxHashConcurrency },
    {
      fallbackText: "processors / WEB_CONCURRENCY",
      zh: "每个接口进程同时进行的哈希计算数。",
      en: "Password hashes that one API process computes at the same time.",
    },
  ),
  HASH_QUEUE_LIMIT: integer(
    200,
    { min: 1, max: 100_000 },
    {
      zh: "等待哈希的请求上限，超出返回 503。",
      en: "Requests that may wait for a hash; beyond it the answer is 503.",
    },
  ),
  WEB_CONCURRENCY: integer(
    1,
    { min: 1, max: 256 },
    {
      zh: "同一端口上的 API 进程数。",
      en: "API processes on the one port.",
    },
  ),
  WORKER_CONCURRENCY: integer(
    0,
    { min: 0, max: 1000 },
    {
      fallbackText: "20 (Redis), 8 (database)",
      zh: "一个进程同时执行的后台任务数。",
      en: "Background jobs one process runs at the same time.",
    },
  ),
  SMTP_CONNECTIONS: integer(
    4,
    { min: 1, max: 100 },
    {
      zh: "一个进程与邮件服务器的最大连接数。163、QQ 免费账号只允许少量；自己的邮件网关可以更多，发信更快。",
      en: "Connections to the mail server at most, per process. Free accounts at 163 and QQ allow few; a relay of one's own takes more, and then more mails a second.",
    },
  ),
  METRICS_PORT: integer(
    0,
    { min: 0, max: 65_535 },
    {
      fallbackText: "(off)",
      zh: "Prometheus 指标 /metrics 的端口，0 表示关闭。",
      en: "Port of Prometheus' /metrics; 0 turns it off.",
    },
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: webAddress("", {
    fallbackText: "(off)",
    zh: "OpenTelemetry 收集器地址（OTLP/HTTP），设置后发送链路追踪。",
    en: "Address of an OpenTelemetry collector (OTLP over HTTP); when set, traces are sent.",
  }),
  ...oauthVariables,
  DEFAULT_LANGUAGE: choice("auto", ["auto", "zh", "en"], {
    zh: "请求头没有指明中文或英文时，接口和邮件用什么语言。auto：没有 Accept-Language 时用中文，只列出其他语言时用英文。",
    en: "Language of the API and of mails where Accept-Language names neither Chinese nor English. auto: Chinese without the header, English where it names other languages alone.",
  }),
  LOG_LEVEL: choice("info", ["trace", "debug", "info", "warn", "error", "fatal", "silent"], {
    zh: "日志级别。",
    en: "Log level.",
  }),
  DOCS_PAGE: optionalBoolean({
    fallbackText: "true (development), false (production)",
    zh: "是否提供 /docs 接口文档页面。",
    en: "Whether /docs, the API's interactive page, is served.",
  }),
} as const;

export type VariableName = keyof typeof variables;
export type Values = { [Name in VariableName]: ReturnType<(typeof variables)[Name]["parse"]> };
