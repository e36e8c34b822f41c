/**
 * Every error the server can answer, once: its code, HTTP status, body shape and texts.
 *
 * Codes are a promise to clients and never change; texts may. `docs/errors.md` is generated from here.
 * `{name}` in a text is filled from the error's parameters.
 */

/** What is wrong with one field of a request. */
export const fieldCodes = {
  required: { zh: "该字段是必填项。", en: "This field is required." },
  blank: { zh: "该字段不能为空。", en: "This field may not be blank." },
  null: { zh: "该字段不能为 null。", en: "This field may not be null." },
  not_a_string: { zh: "Not a valid string.", en: "Not a valid string." },
  not_a_boolean: { zh: "请输入 true 或 false。", en: "Must be true or false." },
  not_an_integer: { zh: "请填写合法的整数值。", en: "A valid integer is required." },
  not_a_list: { zh: "期待为列表类型。", en: "Expected a list." },
  not_a_choice: { zh: "“{value}” 不是合法选项。", en: "“{value}” is not a valid choice." },
  too_short: {
    zh: "请确保这个字段至少包含 {min} 个字符。",
    en: "Ensure this field has at least {min} characters.",
  },
  too_long: {
    zh: "请确保这个字段不能超过 {max} 个字符。",
    en: "Ensure this field has no more than {max} characters.",
  },
  control_characters: { zh: "不能包含控制字符。", en: "Control characters are not allowed." },
  invalid_username: {
    zh: "请输入合法用户名。只能包含字母，数字和 ./+/-/_ 字符。",
    en: "Enter a valid user name: letters, digits and . + - _ only.",
  },
  username_mixed: {
    zh: "用户名混用了容易混淆的文字，请只用一种；汉字、假名、注音、谚文可与拉丁字母同用。",
    en: "The user name mixes writings that look alike. Use one; Chinese, Japanese and Korean go with Latin letters.",
  },
  username_reserved: {
    zh: "该用户名是保留名称，请换一个。",
    en: "That user name is reserved. Choose another one.",
  },
  username_like_mobile: {
    zh: "用户名看起来像手机号，请换一个。",
    en: "The user name looks like a mobile number. Choose another one.",
  },
  invisible_characters: {
    zh: "不能包含不可见的字符或改变文字方向的字符。",
    en: "Characters that are invisible or turn the direction of text are not allowed.",
  },
  invalid_email: { zh: "请输入合法的邮件地址。", en: "Enter a valid email address." },
  invalid_mobile: { zh: "请输入合法的手机号。", en: "Enter a valid mobile number." },
  username_taken: { zh: "已存在一位使用该名字的用户。", en: "A user with that username already exists." },
  email_taken: { zh: "该邮箱已被注册。", en: "That email address is already registered." },
  mobile_taken: { zh: "该手机号已被使用。", en: "That mobile number is already in use." },
  wrong_password: { zh: "密码错误", en: "The password is wrong." },
  terms_not_accepted: { zh: "未同意协议", en: "Please accept the terms of use." },
  password_too_common: {
    zh: "这个密码太常见了，请换一个。",
    en: "This password is too common. Choose another one.",
  },
  password_resembles_account: {
    zh: "密码与用户名或邮箱太相似，请换一个。",
    en: "The password is too similar to the user name or email address.",
  },
  not_a_name: {
    zh: "只能包含字母、数字和下划线。",
    en: "Only letters, digits and underscores are allowed.",
  },
  unknown_permission: { zh: "没有“{value}”这个权限。", en: "There is no permission “{value}”." },
  permission_exists: { zh: "该权限已存在。", en: "This permission exists already." },
  unknown_group: { zh: "没有编号为 {value} 的用户组。", en: "There is no group with the id {value}." },
  group_name_taken: { zh: "已存在同名的用户组。", en: "A group with that name already exists." },
  no_usable_email: {
    zh: "该账号没有可用的邮箱，无法发送重置邮件。",
    en: "The account has no address of its own to which a reset could be mailed.",
  },
  unknown_name: { zh: "没有这个参数或字段。", en: "There is no such parameter or field." },
  unsafe_next: { zh: "只能跳转到本站的路径。", en: "Only a path on this site is allowed." },
} as const satisfies Record<string, Texts>;

export type FieldCode = keyof typeof fieldCodes;

/**
 * Where the text is in the default body: `message` (flow), `detail` (framework and authentication),
 * `non_field_errors` (the whole object). Every 4xx body carries `message` as well.
 */
export const errorShapes = ["message", "detail", "non_field_errors"] as const;
export type ErrorShape = (typeof errorShapes)[number];

export interface Texts {
  readonly zh: string;
  readonly en: string;
}

export interface ErrorDefinition extends Texts {
  readonly status: number;
  readonly shape: ErrorShape;
}

export const errorCodes = {
  invalid_fields: { status: 400, shape: "message", zh: "请检查填写的内容。", en: "Please check the form." },
  not_an_object: {
    status: 400,
    shape: "non_field_errors",
    zh: "无效数据。期待为字典类型，得到的是 {type} 。",
    en: "Invalid data. Expected a dictionary, but got {type}.",
  },
  no_data: {
    status: 400,
    shape: "non_field_errors",
    // The original's text, which was never translated.
    zh: "No data provided",
    en: "No data provided",
  },
  malformed_body: {
    status: 400,
    shape: "detail",
    zh: "JSON parse error - {reason}",
    en: "JSON parse error - {reason}",
  },
  malformed_form: {
    status: 400,
    shape: "detail",
    zh: "Multipart form parse error - {reason}",
    en: "Multipart form parse error - {reason}",
  },
  bad_request: { status: 400, shape: "detail", zh: "请求有误。", en: "Bad request." },
  passwords_differ: {
    status: 400,
    shape: "non_field_errors",
    zh: "两次密码不一致",
    en: "The two passwords do not match.",
  },
  code_expired: {
    status: 400,
    shape: "non_field_errors",
    zh: "邮箱验证码过期",
    en: "The verification code has expired. Request a new one.",
  },
  code_wrong: {
    status: 400,
    shape: "non_field_errors",
    zh: "邮箱验证码错误",
    en: "The verification code is wrong.",
  },
  code_too_frequent: {
    status: 400,
    shape: "message",
    zh: "发送邮件过于频繁",
    en: "A mail was sent a moment ago. Please wait before asking again.",
  },
  unknown_send_type: {
    status: 400,
    shape: "message",
    zh: "未知的验证码类型",
    en: "Unknown kind of verification code.",
  },
  wrong_credentials: {
    status: 400,
    shape: "non_field_errors",
    zh: "无法使用提供的认证信息登录。",
    en: "Unable to log in with provided credentials.",
  },
  oauth_code_missing: { status: 400, shape: "message", zh: "缺少code值", en: "The code is missing." },
  oauth_cancelled: {
    status: 400,
    shape: "message",
    zh: "您取消了授权，可以重新登录。",
    en: "You cancelled the authorisation. You can start again.",
  },
  oauth_state_invalid: {
    status: 400,
    shape: "message",
    zh: "登录请求已失效，请返回登录页重新开始。",
    en: "This log-in has expired or began in another browser. Go back to the log-in page and start again.",
  },
  oauth_code_refused: {
    status: 400,
    shape: "message",
    zh: "授权码无效或已过期，请重新登录。",
    en: "The authorisation code is invalid or has expired. Please log in again.",
  },
  ticket_invalid: {
    status: 400,
    shape: "non_field_errors",
    zh: "无效的{field}",
    en: "Invalid {field}: it has expired or was used. Please log in with the provider again.",
  },
  wrong_password: { status: 400, shape: "non_field_errors", zh: "密码错误", en: "Wrong password." },
  identity_taken: {
    status: 400,
    shape: "non_field_errors",
    zh: "这个{provider}账号已绑定其他用户，请用它登录后先解除绑定。",
    en: "That {providerEn} account is bound to another user. Log in with it and remove the binding first.",
  },
  last_way_to_log_in: {
    status: 400,
    shape: "message",
    zh: "这是您唯一的登录方式，请先设置邮箱和密码，或绑定其他账号。",
    en: "This is your only way to log in. Set an email address and a password, or bind another account first.",
  },
  account_unavailable: {
    status: 400,
    shape: "message",
    zh: "该账号已被禁用，请联系客服。",
    en: "This account is disabled. Please contact support.",
  },
  not_authenticated: {
    status: 401,
    shape: "detail",
    zh: "身份认证信息未提供。",
    en: "Authentication credentials were not provided.",
  },
  token_missing: {
    status: 401,
    shape: "detail",
    zh: "Invalid Authorization header. No credentials provided.",
    en: "Invalid Authorization header. No credentials provided.",
  },
  token_has_spaces: {
    status: 401,
    shape: "detail",
    zh: "Invalid Authorization header. Credentials string should not contain spaces.",
    en: "Invalid Authorization header. Credentials string should not contain spaces.",
  },
  token_undecodable: {
    status: 401,
    shape: "detail",
    zh: "Error decoding signature.",
    en: "Error decoding signature.",
  },
  token_expired: { status: 401, shape: "detail", zh: "Signature has expired.", en: "Signature has expired." },
  token_refused: {
    status: 401,
    shape: "detail",
    zh: "不正确的身份认证信息。",
    en: "Incorrect authentication credentials.",
  },
  // Texts of the original's HTTP Basic authentication (Django REST framework).
  basic_refused: {
    status: 401,
    shape: "detail",
    zh: "用户名或者密码错误。",
    en: "Invalid username/password.",
  },
  basic_missing: {
    status: 401,
    shape: "detail",
    zh: "无效的Basic认证头，没有提供认证信息。",
    en: "Invalid basic header. No credentials provided.",
  },
  basic_has_spaces: {
    status: 401,
    shape: "detail",
    zh: "认证字符串不应该包含空格（基本认证HTTP头无效）。",
    en: "Invalid basic header. Credentials string should not contain spaces.",
  },
  basic_undecodable: {
    status: 401,
    shape: "detail",
    zh: "认证字符串base64编码错误（基本认证HTTP头无效）。",
    en: "Invalid basic header. Credentials not correctly base64 encoded.",
  },
  token_payload: { status: 401, shape: "detail", zh: "Invalid payload.", en: "Invalid payload." },
  token_unknown_user: { status: 401, shape: "detail", zh: "Invalid signature.", en: "Invalid signature." },
  account_disabled: { status: 401, shape: "detail", zh: "用户账户已禁用。", en: "User account is disabled." },
  forbidden: {
    status: 403,
    shape: "detail",
    zh: "您没有执行该操作的权限。",
    en: "You do not have permission to perform this action.",
  },
  last_superuser: {
    status: 400,
    shape: "message",
    zh: "这是最后一个可用的超级用户，请先指定另一个。",
    en: "This is the last active superuser. Appoint another one first.",
  },
  not_found: { status: 404, shape: "detail", zh: "未找到。", en: "Not found." },
  method_not_allowed: {
    status: 405,
    shape: "detail",
    zh: "方法 “{method}” 不被允许。",
    en: "Method “{method}” not allowed.",
  },
  body_too_large: {
    status: 413,
    shape: "detail",
    zh: "请求内容过大。",
    en: "The request body is too large.",
  },
  headers_too_large: {
    status: 431,
    shape: "detail",
    zh: "请求头过大。",
    en: "The headers of the request are too large.",
  },
  request_timeout: {
    status: 408,
    shape: "detail",
    zh: "请求超时，请重试。",
    en: "The request took too long to arrive. Please try again.",
  },
  host_not_allowed: {
    status: 421,
    shape: "detail",
    zh: "本服务器不以“{host}”这个地址提供服务。如果这是您的服务器，请把它加入 ALLOWED_HOSTS。",
    en: "This server is not reached by “{host}”. If it is yours, add that host to ALLOWED_HOSTS.",
  },
  mailbox_is_local: {
    status: 403,
    shape: "detail",
    zh: "开发邮箱仅限本机查看：请在运行服务器的机器上打开，或设置 MAILBOX_OPEN=true。",
    en: "The development mailbox is open on the server's own machine only: look at it there, or set MAILBOX_OPEN=true.",
  },
  unsupported_media_type: {
    status: 415,
    shape: "detail",
    zh: "不支持请求中的媒体类型 “{type}”。",
    en: "Unsupported media type “{type}” in request.",
  },
  throttled: { status: 429, shape: "detail", zh: "请求超过了限速。", en: "Request was throttled." },
  internal: {
    status: 500,
    shape: "detail",
    zh: "服务器内部错误，请稍后再试。请求编号：{requestId}",
    en: "Something went wrong on the server. Please try again later. Request id: {requestId}",
  },
  busy: {
    status: 503,
    shape: "detail",
    zh: "服务器繁忙，请稍后再试。",
    en: "The server is busy. Please try again shortly.",
  },
  provider_trouble: {
    status: 503,
    shape: "message",
    zh: "{provider}服务器异常",
    en: "{providerEn} did not answer properly. Please try again later.",
  },
  provider_not_configured: {
    status: 503,
    shape: "message",
    zh: "本站尚未开通{provider}登录（缺少设置 {setting}）。",
    en: "Log-in with {providerEn} is not set up on this site (setting {setting} is missing).",
  },
  unavailable: {
    status: 503,
    shape: "detail",
    zh: "服务暂时不可用，请稍后再试。",
    en: "The service is temporarily unavailable. Please try again shortly.",
  },
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof errorCodes;
