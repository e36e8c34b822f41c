import type { Texts } from "./texts.ts";

/**
 * What is wrong with one field of a request: its code and texts. Codes are a promise to clients and never change; texts may.
 * `docs/errors.md` is generated from here. `{name}` in a text is filled from the problem's parameters.
 */
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
  nickname_reserved: {
    zh: "该昵称会被当作本站人员，请换一个。",
    en: "That nickname would be taken for the site's staff. Choose another one.",
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
  virtual_mobile: {
    zh: "本站不向虚拟运营商的号码发送短信，请换一个手机号。",
    en: "This site sends no SMS to numbers of virtual operators. Use another number.",
  },
  no_second_factor: { zh: "该账号没有开启两步验证。", en: "That account has no second factor." },
  second_factor_code: {
    zh: "验证码不对，请输入验证器应用当前显示的 6 位数字。",
    en: "That is not the code. Type the six digits that the app shows now.",
  },
  username_taken: { zh: "已存在一位使用该名字的用户。", en: "A user with that username already exists." },
  email_taken: { zh: "该邮箱已被注册。", en: "That email address is already registered." },
  mobile_taken: { zh: "该手机号已被使用。", en: "That mobile number is already in use." },
  wrong_password: { zh: "密码错误", en: "The password is wrong." },
  terms_not_accepted: { zh: "未同意协议", en: "Please accept the terms of use." },
  password_too_common: {
    zh: "这个密码太常见了，请换一个。",
    en: "This password is too common. Choose another one.",
  },
  password_forbidden_word: {
    zh: "密码主要由本站的名称等字词组成，请换一个。",
    en: "The password is little more than the name of this site or another of its words. Choose another one.",
  },
  password_breached: {
    zh: "这个密码曾在其他网站泄露，请换一个。",
    en: "This password is known from a breach of another site. Choose another one.",
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
  email_domain_refused: {
    zh: "本站不接受这个域名的邮箱，请换一个。",
    en: "Addresses of this domain are not accepted here. Use another one.",
  },
  email_needs_proof: {
    zh: "该账号已有邮箱，请在本站的账号页面用邮箱验证码更换。",
    en: "The account has an address already. Change it on this site's account page, with a code sent to the new one.",
  },
  unknown_area: { zh: "没有这个地区。", en: "There is no such area." },
  not_a_telephone: {
    zh: "请输入合法的固定电话号码。",
    en: "Enter a valid telephone number.",
  },
  not_a_record: { zh: "期待为字典类型。", en: "Expected an object." },
  not_a_date: { zh: "请输入日期，如 2026-11-28。", en: "Enter a date such as 2026-11-28." },
  field_not_yours: { zh: "您不能修改该字段。", en: "You may not change this field." },
  terms_not_current: {
    zh: "条款已更新为 {version}，请重新阅读。",
    en: "The present version is {version}. Please read that one.",
  },
  age_not_declared: {
    zh: "请确认已满 14 周岁，或已取得监护人同意。",
    en: "Please say that you are 14 or older, or that a guardian agrees.",
  },
  age_too_young: {
    zh: "本站不向未满 14 周岁的人提供账号。",
    en: "This site has no accounts for anybody under 14.",
  },
  not_a_contact: {
    zh: "请输入邮箱或手机号。",
    en: "Enter an email address or a mobile number.",
  },
  invitation_invalid: {
    zh: "邀请无效、已过期或已用完。",
    en: "The invitation is not valid: it has expired, was used or was withdrawn.",
  },
  invitation_of_other_address: {
    zh: "这份邀请是发给另一个邮箱的，请用收到邀请的邮箱注册。",
    en: "The invitation was sent to another address. Sign up with that one.",
  },
  email_throwaway: {
    zh: "本站不接受一次性邮箱，请使用长期使用的邮箱。",
    en: "Throw-away addresses are not accepted here. Use one that you keep.",
  },
  unknown_name: { zh: "没有这个参数或字段。", en: "There is no such parameter or field." },
  not_a_service_name: {
    zh: "服务名以小写字母开头，只能包含小写字母、数字和连字符，最多 50 个字符。",
    en: "A service's name begins with a small letter and has small letters, digits and hyphens, 50 at most.",
  },
  not_a_web_address: {
    zh: "请填写网址：https 开头，不含用户名和密码，端口为 443 或 1024 以上。",
    en: "Must be a web address: https, without user name and password, port 443 or from 1024 up.",
  },
  webhook_not_https: {
    zh: "地址须以 https 开头；内网主机可由运营者列入 WEBHOOK_PRIVATE_HOSTS。",
    en: "Must begin with https; an operator may name internal hosts in WEBHOOK_PRIVATE_HOSTS.",
  },
  webhook_private_address: {
    zh: "不能指向内网地址；内网主机可由运营者列入 WEBHOOK_PRIVATE_HOSTS。",
    en: "Must not be a private address; an operator may name internal hosts in WEBHOOK_PRIVATE_HOSTS.",
  },
  hold_too_late: {
    zh: "须为将来的时间，且注销申请至今不足 15 个工作日。",
    en: "Must be later than now, and 15 working days since the deletion was asked for must not be over.",
  },
  unknown_event: { zh: "没有事件 {value}。", en: "There is no event {value}." },
  too_many_webhooks: {
    zh: "最多 {max} 个接收地址。",
    en: "There are {max} endpoints already, the most there can be.",
  },
  service_name_taken: { zh: "已存在同名的服务。", en: "There is a service of that name already." },
  not_a_network: {
    zh: "“{value}” 不是网段，请写如 192.0.2.0/24。",
    en: "“{value}” is no network. Write one such as 192.0.2.0/24.",
  },
  scope_refused: {
    zh: "服务不能有权限“{value}”，它只能由人使用。",
    en: "A service can't have the permission “{value}”: it is for people alone.",
  },
  network_too_wide: {
    zh: "网段“{value}”太大：IPv4 至少写到 /8，IPv6 至少 /16。",
    en: "The network “{value}” is too wide: /8 at the widest for IPv4, /16 for IPv6.",
  },
  network_is_own: {
    zh: "你正从网段“{value}”访问，不能拒绝自己。",
    en: "You are in the network “{value}” yourself, so you would lock yourself out.",
  },
  not_a_domain: {
    zh: "“{value}”不是域名，请写如 example.com。",
    en: "“{value}” is no domain. Write one such as example.com.",
  },
  not_a_time: {
    zh: "“{value}”不是时间，请写如 2027-01-31 或 2027-01-31T08:00:00Z。",
    en: "“{value}” is no time. Write one such as 2027-01-31 or 2027-01-31T08:00:00Z.",
  },
  end_not_to_come: {
    zh: "请填写将来十年之内的时间，例如 2027-01-31T08:00:00Z。",
    en: "Give a time to come, within ten years, such as 2027-01-31T08:00:00Z.",
  },
  reason_names_somebody: {
    zh: "理由中请勿写邮箱或手机号：它比账号保留得久。需要时请写在该账号的备注里。",
    en: "Leave e-mail addresses and phone numbers out of the reason, which is kept for longer than accounts. Notes on the account may have them.",
  },
  address_denied_too_long: {
    zh: "邮箱最多拒绝两年，请填写两年之内的期限；再次加入即可延长。",
    en: "An address is refused for two years at most. Give an end within them; adding the address again renews it.",
  },
  unsafe_next: { zh: "只能跳转到本站的路径。", en: "Only a path on this site is allowed." },
} as const satisfies Record<string, Texts>;

export type FieldCode = keyof typeof fieldCodes;
