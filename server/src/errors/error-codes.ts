import { classicErrors } from "./classic-errors.ts";
import { codeSignInErrors } from "./code-sign-in-errors.ts";
import { enrolmentErrors } from "./enrolment-errors.ts";
import { identityErrors } from "./identity-errors.ts";
import { passkeyErrors } from "./passkey-errors.ts";
import { rightsErrors } from "./rights-errors.ts";
import { smsErrors } from "./sms-errors.ts";
import type { Texts } from "./texts.ts";

/**
 * Every error the server can answer, once: its code, HTTP status, body shape and texts.
 *
 * Codes are a promise to clients and never change; texts may. `docs/errors.md` is generated from here.
 * `{name}` in a text is filled from the error's parameters.
 */

/**
 * Where the text is in the default body: `message` (flow), `detail` (framework and authentication),
 * `non_field_errors` (the whole object). Every 4xx body carries `message` as well.
 */
export const errorShapes = ["message", "detail", "non_field_errors"] as const;
export type ErrorShape = (typeof errorShapes)[number];

export interface ErrorDefinition extends Texts {
  readonly status: number;
  readonly shape: ErrorShape;
  /** In the default body, after its texts: what clients written for drf-simplejwt renew their token on. */
  readonly clientCode?: "token_not_valid";
  /** Answered as drf-simplejwt does: `detail` and the code without `message`, and its challenge. */
  readonly simplejwt?: true;
  /** OAuth's own code (RFC 6749 section 5.2), in `error`, for the libraries that other services ask with. */
  readonly oauth?: "invalid_client";
}

/** Of an access token that its client should renew: the account is there, or nobody can tell. */
const badToken = { status: 401, shape: "detail", clientCode: "token_not_valid" } as const;

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
  // 400, as the tutorial's pages show nothing of another status.
  sign_up_closed: {
    status: 400,
    shape: "non_field_errors",
    zh: "本站未开放注册。",
    en: "This site is not open for sign-up.",
  },
  sign_up_by_invitation: {
    status: 400,
    shape: "non_field_errors",
    zh: "本站凭邀请注册，请打开邀请中的链接。",
    en: "Sign-up here is by invitation. Open the link of yours.",
  },
  // The sentence is the hook's own, one for each language.
  hook_refused: { status: 400, shape: "non_field_errors", zh: "{zh}", en: "{en}" },
  too_many_invitations: {
    status: 400,
    shape: "message",
    zh: "您已有 {limit} 份未用完的邀请，请先撤回一些。",
    en: "You have {limit} invitations that can still be used. Withdraw some first.",
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
  ...smsErrors,
  ...classicErrors,
  ...codeSignInErrors,
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
  // 403, because the tutorial's pages read 400 as a wrong password. The answer has `code`, `step` and `methods` beside it.
  second_factor_required: {
    status: 403,
    shape: "message",
    zh: "请完成两步验证。",
    en: "This account asks for a second factor.",
  },
  second_factor_refused: {
    status: 401,
    shape: "detail",
    zh: "该账号需要两步验证，不能用这种方式登录。",
    en: "This account asks for a second factor, which this way to authenticate can't carry.",
  },
  second_factor_wrong: {
    status: 400,
    shape: "message",
    zh: "验证码不对或已用过，请输入验证器应用当前显示的 6 位数字，或一个未用过的恢复码。",
    en: "That code is wrong, or was used. Type the six digits that the app shows now, or a recovery code.",
  },
  second_factor_there: {
    status: 400,
    shape: "message",
    zh: "两步验证已经开启。",
    en: "The second factor is on already.",
  },
  second_factor_step_ended: {
    status: 400,
    shape: "message",
    zh: "这次登录已失效，请重新登录。",
    en: "This log-in has ended or began in another browser. Please log in again.",
  },
  // The answer has `reason` beside it.
  lost_factor_refused: {
    status: 403,
    shape: "message",
    zh: "这个账号现在不能这样关闭两步验证，请联系客服。",
    en: "The second factor of this account can’t be removed in this way now. Please ask the people who run this site.",
  },
  lost_factor_not_ripe: {
    status: 400,
    shape: "message",
    zh: "现在还不能关闭两步验证：没有申请，或者还没到时间，或者申请已经作废。",
    en: "The second factor can’t be removed yet: nothing was asked for, or its time has not come, or is over.",
  },
  ...enrolmentErrors,
  ...rightsErrors,
  ...passkeyErrors,
  // RFC 9470; 403, because the tutorial's pages read 401 as logged out. Who comes by `Bearer` is answered its 401.
  reauthentication_required: {
    status: 403,
    shape: "message",
    zh: "为了账号安全，请先确认是您本人（或重新登录）再试。",
    en: "Please confirm that it is you, or log in again first.",
  },
  ...identityErrors,
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
    ...badToken,
    zh: "Error decoding signature.",
    en: "Error decoding signature.",
  },
  token_expired: { ...badToken, zh: "Signature has expired.", en: "Signature has expired." },
  token_refused: {
    ...badToken,
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
  token_payload: { ...badToken, zh: "Invalid payload.", en: "Invalid payload." },
  token_unknown_user: { ...badToken, zh: "Invalid signature.", en: "Invalid signature." },
  refresh_token_invalid: {
    status: 401,
    shape: "detail",
    zh: "登录已失效，请重新登录。",
    en: "This log-in has ended. Please log in again.",
  },
  refresh_token_reused: {
    status: 401,
    shape: "detail",
    zh: "刷新令牌早已被替换，该登录已结束，请重新登录。",
    en: "The refresh token was replaced before, so this log-in was ended. Please log in again.",
  },
  // Of services (services/): one answer for whatever is wrong with a credential.
  service_refused: {
    ...{ status: 401, shape: "detail", oauth: "invalid_client" },
    zh: "服务凭据无效。",
    en: "The service credential is not valid.",
  },
  service_needed: {
    ...{ status: 401, shape: "detail", oauth: "invalid_client" },
    zh: "该接口只供服务使用，请出示服务凭据。",
    en: "This is for services alone. Show a service credential.",
  },
  service_not_here: {
    status: 403,
    shape: "detail",
    zh: "服务凭据不能用于该接口。",
    en: "A service credential can't be used here.",
  },
  mail_test_failed: {
    status: 400,
    shape: "message",
    zh: "邮件未能发出：{reason}。请在“生效的设置”中运行体检，或运行 manage doctor。",
    en: "The mail could not be sent: {reason}. Run the doctor among the settings in force, or manage doctor.",
  },
  no_key_to_rotate: {
    status: 400,
    shape: "message",
    zh: "现在由 SECRET_KEY 签发令牌（HS256），没有可更换的密钥：请先设置 TOKEN_ALGORITHM，或更换 SECRET_KEY。",
    en: "SECRET_KEY signs tokens (HS256), so there is no key to rotate: set TOKEN_ALGORITHM first, or replace SECRET_KEY.",
  },
  service_rotating: {
    status: 400,
    shape: "message",
    zh: "该服务已有两个有效的密钥，较旧的到 {until}（UTC）失效；若需立即停用旧密钥，请在控制台选择“旧的立即失效”，或用命令的 --keep-hours 0。",
    en: "The service has two good secrets already; the older one ends at {until} (UTC). To end every old one at once choose so in the console, or --keep-hours 0 of the command.",
  },
  // A session in a cookie was asked for where there may be none (http/cookie-guard.ts).
  cookie_session_origin: {
    status: 403,
    shape: "detail",
    zh: "来源 {origin} 不在允许列表中，不能使用 Cookie 登录。",
    en: "The origin {origin} is not on the list of those that may use a session in a cookie.",
  },
  cookie_session_site: {
    status: 403,
    shape: "detail",
    zh: "{origin} 与接口 {api} 不属于同一主域名，浏览器不会带上登录的 Cookie；请改用令牌登录。",
    en: "{origin} is not of the same site as the API at {api}, so browsers would not send its cookie. Log in by a token instead.",
  },
  cookie_session_insecure: {
    status: 403,
    shape: "detail",
    zh: "Cookie 登录需要 https（本机的 localhost 除外）；请改用令牌登录。",
    en: "A session in a cookie needs https, or localhost. Log in by a token instead.",
  },
  cookie_session_state: {
    status: 403,
    shape: "detail",
    zh: "本站设置了 OAUTH_STATE=path，不能使用 Cookie 登录；请改用令牌登录。",
    en: "There are no sessions in cookies where OAUTH_STATE is path. Log in by a token instead.",
  },
  // Texts of drf-simplejwt, for its own paths (sign-in/simplejwt-routes.ts).
  simplejwt_no_account: {
    ...{ status: 401, shape: "detail", simplejwt: true },
    zh: "找不到指定凭据对应的有效用户",
    en: "No active account found with the given credentials",
  },
  simplejwt_second_factor: {
    ...{ status: 401, shape: "detail", simplejwt: true },
    zh: "请完成两步验证。",
    en: "This account asks for a second factor.",
  },
  simplejwt_account_gone: {
    ...{ status: 401, shape: "detail", simplejwt: true },
    zh: "找不到该令牌对应的有效用户。",
    en: "No active account found for the given token.",
  },
  simplejwt_blacklisted: {
    ...{ status: 401, shape: "detail", simplejwt: true, clientCode: "token_not_valid" },
    zh: "令牌已被加入黑名单",
    en: "Token is blacklisted",
  },
  simplejwt_invalid: {
    ...{ status: 401, shape: "detail", simplejwt: true, clientCode: "token_not_valid" },
    zh: "令牌无效",
    en: "Token is invalid",
  },
  simplejwt_expired: {
    ...{ status: 401, shape: "detail", simplejwt: true, clientCode: "token_not_valid" },
    zh: "令牌已过期",
    en: "Token is expired",
  },
  simplejwt_wrong_type: {
    ...{ status: 401, shape: "detail", simplejwt: true, clientCode: "token_not_valid" },
    zh: "令牌类型错误",
    en: "Token has wrong type",
  },
  simplejwt_verified_blacklisted: {
    ...{ status: 400, shape: "non_field_errors" },
    zh: "令牌已被加入黑名单",
    en: "Token is blacklisted",
  },
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
  username_changed_lately: {
    status: 400,
    shape: "message",
    zh: "用户名每 {days} 天只能修改一次，请稍后再改。",
    en: "The user name can be changed once in {days} days. Please try again later.",
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
  event_refused: {
    status: 403,
    shape: "detail",
    zh: "事件的签名无效，或时间已过。",
    en: "The event's signature is wrong, or its time is over.",
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
