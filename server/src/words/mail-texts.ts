import type { Texts } from "../errors/texts.ts";
import { impersonationMailTexts } from "./impersonation-mail-texts.ts";
import { joiningMailTexts } from "./joining-mail-texts.ts";
import { numberMailTexts } from "./number-mail-texts.ts";

/**
 * Every text of mails, by its key behind `mail.`; `{brand}` is the site's name. What a mail is made of, and in which
 * order, is in engines/mail/templates/mail-content.ts.
 */
export const mailTexts = {
  footer: {
    zh: "此邮件由{brand}账号系统自动发送，请勿直接回复。",
    en: "Sent automatically by {brand}. Please do not reply.",
  },
  help: { zh: "需要帮助，请写信给 {email}。", en: "For help, write to {email}." },
  "facts.line": { zh: "{label}：{value}", en: "{label}: {value}" },
  "facts.username": { zh: "用户名", en: "User name" },
  "facts.nickname": { zh: "{provider}昵称", en: "{provider} name" },
  "facts.time": { zh: "时间", en: "Time" },
  "facts.device": { zh: "浏览器和系统", en: "Browser and system" },
  "facts.network": { zh: "网络", en: "Network" },
  "code.minute": {
    zh: "{count}分钟内有效，只能使用一次。",
    en: "It is valid for {count} minute and can be used once.",
  },
  "code.minutes": {
    zh: "{count}分钟内有效，只能使用一次。",
    en: "It is valid for {count} minutes and can be used once.",
  },
  "code.second": {
    zh: "{count}秒内有效，只能使用一次。",
    en: "It is valid for {count} second and can be used once.",
  },
  "code.seconds": {
    zh: "{count}秒内有效，只能使用一次。",
    en: "It is valid for {count} seconds and can be used once.",
  },
  "code.hint": {
    zh: "请勿把验证码告诉任何人，我们的工作人员也不会向您索要。如果不是您本人的操作，请忽略这封邮件。",
    en: "Never give this code to anyone; our staff will not ask for it. If it was not you who asked, ignore this mail.",
  },
  "register.subject": { zh: "【{brand}】注册验证码", en: "[{brand}] Your sign-up code" },
  "register.heading": { zh: "注册验证码", en: "Your sign-up code" },
  "register.sentence": {
    zh: "您正在用这个邮箱注册{brand}账号，验证码是：",
    en: "You are creating your {brand} account with this email address. Your verification code is:",
  },
  "resetpwd.subject": { zh: "【{brand}】重置密码验证码", en: "[{brand}] Your password reset code" },
  "resetpwd.heading": { zh: "重置密码验证码", en: "Your password reset code" },
  "resetpwd.sentence": {
    zh: "您正在重置{brand}账号的密码，验证码是：",
    en: "You are resetting the password of your {brand} account. Your verification code is:",
  },
  "bindAccount.subject": { zh: "【{brand}】绑定账号验证码", en: "[{brand}] Your binding code" },
  "bindAccount.heading": { zh: "绑定账号验证码", en: "Your binding code" },
  "bindAccount.sentence": {
    zh: "您正在把第三方账号绑定到使用这个邮箱的{brand}账号，验证码是：",
    en: "You are binding a third-party account to the {brand} account of this email address. Your verification code is:",
  },
  "changeEmail.subject": {
    zh: "【{brand}】更换邮箱验证码",
    en: "[{brand}] Your code for a new email address",
  },
  "changeEmail.heading": { zh: "更换邮箱验证码", en: "Your code for a new email address" },
  "changeEmail.sentence": {
    zh: "您正在把{brand}账号的邮箱更换为这个邮箱，验证码是：",
    en: "You are making this the email address of your {brand} account. Your verification code is:",
  },
  "signIn.subject": { zh: "【{brand}】登录验证码", en: "[{brand}] Your log-in code" },
  "signIn.heading": { zh: "登录验证码", en: "Your log-in code" },
  "signIn.sentence": {
    zh: "您正在用这个邮箱登录{brand}，还没有账号时可用它注册。验证码是：",
    en: "You are logging in to {brand} with this email address, or signing up if you have no account yet. Your verification code is:",
  },
  "stepUp.subject": {
    zh: "【{brand}】本人确认验证码",
    en: "[{brand}] Your code to confirm that it is you",
  },
  "stepUp.heading": { zh: "本人确认验证码", en: "Your code to confirm that it is you" },
  "stepUp.sentence": {
    zh: "有人登录了您的{brand}账号，正要{action}。如果是您本人，请输入验证码：",
    en: "Somebody who is logged in to your {brand} account is about to {action}. If it is you, type this code:",
  },
  "stepUp.password": { zh: "修改密码", en: "change its password" },
  "stepUp.email": { zh: "更换邮箱", en: "change its email address" },
  "stepUp.mobile": { zh: "更换手机号", en: "change its mobile number" },
  ...numberMailTexts,
  ...impersonationMailTexts,
  ...joiningMailTexts,
  "stepUp.username": { zh: "修改用户名", en: "change its user name" },
  "stepUp.second_factor": { zh: "更改两步验证", en: "change its second factor" },
  "stepUp.passkeys": { zh: "更改通行密钥", en: "change its passkeys" },
  "stepUp.bindings": { zh: "更改绑定的第三方账号", en: "change the third-party accounts that open it" },
  "stepUp.sessions": { zh: "结束其他设备上的登录", en: "end its other log-ins" },
  "stepUp.export": { zh: "导出全部数据", en: "export everything about it" },
  "stepUp.deletion": { zh: "注销账号", en: "delete it" },
  "stepUp.administration": { zh: "进行管理操作", en: "change something as an administrator" },
  "account_exists.subject": {
    zh: "【{brand}】这个邮箱已经注册过",
    en: "[{brand}] This address already has an account",
  },
  "account_exists.heading": { zh: "这个邮箱已经有账号了", en: "You already have an account" },
  "account_exists.sentence": {
    zh: "有人（可能是您）想用这个邮箱注册{brand}账号，但它已经注册过，因此没有发送验证码。",
    en: "Someone, maybe you, asked to create an account at {brand} with this email address. It has one already, so no code was sent.",
  },
  "account_exists.advice": {
    zh: "请直接登录；忘记密码时，可以在登录页选择“忘记密码”重新设置。",
    en: "Please log in. If you forgot your password, choose “Forgotten password” on the log-in page.",
  },
  "account_exists.button": { zh: "去登录", en: "Log in" },
  "account_exists.hint": {
    zh: "如果不是您本人的操作，请忽略这封邮件，您的账号没有任何变化。",
    en: "If it was not you, ignore this mail: nothing about your account has changed.",
  },
  "no_account.subject": {
    zh: "【{brand}】这个邮箱没有注册账号",
    en: "[{brand}] No account with this address",
  },
  "no_account.heading": {
    zh: "没有找到使用这个邮箱的账号",
    en: "There is no account with this address",
  },
  "no_account.sentence": {
    zh: "有人（可能是您）想重置使用这个邮箱的{brand}账号的密码，但这个邮箱没有注册过。",
    en: "Someone, maybe you, asked to reset the password of an account at {brand} with this email address. There is none.",
  },
  "no_account.advice": {
    zh: "您可能是用别的邮箱注册的，请换一个再试；也可以用这个邮箱注册新账号。",
    en: "You may have signed up with another address: try that one, or create an account with this one.",
  },
  "no_account.adviceClosed": {
    zh: "您可能是用别的邮箱注册的，请换一个再试。",
    en: "Your account may have another address: try that one.",
  },
  "no_account.button": { zh: "去注册", en: "Sign up" },
  "no_account.hint": {
    zh: "如果不是您本人的操作，请忽略这封邮件。",
    en: "If it was not you, ignore this mail.",
  },
  "sign_in_refused.subject": {
    zh: "【{brand}】不能用这个邮箱的验证码登录",
    en: "[{brand}] No log-in code for this address",
  },
  "sign_in_refused.heading": { zh: "没有发送登录验证码", en: "No log-in code was sent" },
  "sign_in_refused.sentence": {
    zh: "有人（可能是您）想用发到这个邮箱的验证码登录{brand}。",
    en: "Someone, maybe you, asked to log in to {brand} by a code sent to this email address.",
  },
  "sign_in_refused.no_account": {
    zh: "没有使用这个邮箱的账号，也不能用它注册新账号。您可能是用别的邮箱注册的，请换一个再试。",
    en: "No account has this address, and none can be made with it. Your account may have another address: try that one.",
  },
  "sign_in_refused.unconfirmed": {
    zh: "您的账号还没有确认过这个邮箱，因此不能用它的验证码登录。请重新设置一次密码，邮箱随之确认。",
    en: "Your account never confirmed this address, so a code sent to it can't log you in. Set a new password, which confirms it.",
  },
  "password_changed.subject": { zh: "【{brand}】您的密码已修改", en: "[{brand}] Your password was changed" },
  "password_changed.heading": { zh: "您的密码已修改", en: "Your password was changed" },
  "password_changed.sentence": {
    zh: "您的{brand}账号的密码刚刚被修改，之前的登录已全部失效。",
    en: "The password of your {brand} account was just changed. Every earlier log-in has ended.",
  },
  "email_changed.subject": {
    zh: "【{brand}】您的邮箱已更换",
    en: "[{brand}] Your email address was changed",
  },
  "email_changed.heading": { zh: "您的邮箱已更换", en: "Your email address was changed" },
  "email_changed.sentence": {
    zh: "您的{brand}账号刚刚更换了邮箱，这个邮箱不能再用来登录或找回密码。",
    en: "Your {brand} account was just given another email address. This one can no longer be used to log in or to reset the password.",
  },
  "email_added.subject": {
    zh: "【{brand}】您的账号添加了邮箱",
    en: "[{brand}] An email address was added to your account",
  },
  "email_added.heading": { zh: "您的账号添加了邮箱", en: "An email address was added to your account" },
  "email_added.sentence": {
    zh: "您的{brand}账号刚刚添加了邮箱，以后可以用这个新邮箱登录和找回密码。",
    en: "Your {brand} account was just given an email address: from now on it logs in and resets the password.",
  },
  "username_changed.subject": {
    zh: "【{brand}】您的用户名已修改",
    en: "[{brand}] Your user name was changed",
  },
  "username_changed.heading": { zh: "您的用户名已修改", en: "Your user name was changed" },
  "username_changed.sentence": {
    zh: "您的{brand}账号刚刚修改了用户名，请用下面的新用户名登录；旧用户名在一段时间内不会给别人使用。",
    en: "Your {brand} account was just given the user name below; log in by it from now on. Nobody else gets the old one for a while.",
  },
  "mobile_lost.subject": {
    zh: "【{brand}】您账号的手机号已移除",
    en: "[{brand}] Your account's mobile number was removed",
  },
  "mobile_lost.heading": { zh: "您账号的手机号已移除", en: "Your account's mobile number was removed" },
  "mobile_lost.sentence": {
    zh: "有人用短信验证码证明了您{brand}账号中填写的手机号属于自己，而您的账号没有证明过它，或者很久没有再证明，因此它已从您的账号移除，不能再用它登录。账号的其他内容没有变化，对方也看不到。",
    en: "Somebody proved by a code by SMS that the mobile number of your {brand} account is theirs. Your account never proved it, or not for a long time, so it was removed there, and no longer logs you in. Nothing else of your account has changed, or was shown to them.",
  },
  "binding_added.subject": {
    zh: "【{brand}】已绑定{provider}账号",
    en: "[{brand}] {provider} account bound",
  },
  "binding_added.heading": { zh: "已绑定{provider}账号", en: "{provider} account bound" },
  "binding_added.sentence": {
    zh: "您的{brand}账号刚刚绑定了{provider}账号，今后可以用它直接登录。",
    en: "A {provider} account was just bound to your {brand} account and can now log in to it.",
  },
  "binding_removed.subject": {
    zh: "【{brand}】已解绑{provider}账号",
    en: "[{brand}] {provider} account unbound",
  },
  "binding_removed.heading": { zh: "已解绑{provider}账号", en: "{provider} account unbound" },
  "binding_removed.sentence": {
    zh: "您的{brand}账号刚刚解绑了{provider}账号，它不能再用来登录。",
    en: "A {provider} account was just unbound from your {brand} account and can no longer log in to it.",
  },
  "session_replayed.subject": {
    zh: "【{brand}】为保护您的账号，一处登录已被结束",
    en: "[{brand}] A log-in was ended to protect your account",
  },
  "session_replayed.heading": { zh: "一处登录已被结束", en: "One of your log-ins was ended" },
  "session_replayed.sentence": {
    zh: "有人出示了这处登录早已替换掉的凭据，它可能被人复制了，所以我们结束了这处登录。请重新登录；您的其他登录不受影响。",
    en: "Something that this log-in had replaced long ago was shown to us again. It may have been copied, so we ended the log-in. Please log in again. Your other log-ins go on.",
  },
  "second_factor_added.subject": { zh: "【{brand}】两步验证已开启", en: "[{brand}] The second factor is on" },
  "second_factor_added.heading": { zh: "两步验证已开启", en: "The second factor is on" },
  "second_factor_added.sentence": {
    zh: "以后登录您的账号，除密码等之外还需要验证器应用显示的验证码或通行密钥。请把恢复码保存在手机以外的地方。",
    en: "From now on a log-in to your account asks for a code of your authenticator app or a passkey as well. Keep your recovery codes somewhere else than on the phone.",
  },
  "second_factor_added.advice": {
    zh: "如果不是您本人的操作，请点下面的按钮：这次开启的两步验证会关闭，所有登录都会失效，之后更换的邮箱和手机号会换回，并向您发送重置密码的验证码。",
    en: "If it was not you, use the button: what was switched on is off again, every log-in ends, an address or number changed since is put back, and you are sent a code for a new password.",
  },
  "second_factor_stopped.subject": {
    zh: "【{brand}】一次登录被两步验证拦下",
    en: "[{brand}] A log-in was stopped at the second factor",
  },
  "second_factor_stopped.heading": {
    zh: "一次登录被两步验证拦下",
    en: "A log-in was stopped at the second factor",
  },
  "second_factor_stopped.sentence": {
    zh: "有人用正确的密码登录您的{brand}账号，但多次输错第二步的验证码，没有进入。如果不是您，说明有人知道您的密码。",
    en: "Somebody logged in to your {brand} account with the right password, and then typed wrong codes at the second factor. They did not get in. If it was not you, somebody knows your password.",
  },
  "second_factor_stopped.sentenceProvider": {
    zh: "有人用您绑定的第三方账号登录您的{brand}账号，但多次输错第二步的验证码，没有进入。如果不是您，说明有人能用您的第三方账号，请先到那里修改密码。",
    en: "Somebody logged in to your {brand} account by a third party that is bound to it, and then typed wrong codes at the second factor. They did not get in. If it was not you, somebody can use your account there: change its password first.",
  },
  "second_factor_stopped.sentenceCode": {
    zh: "有人用发给您的验证码登录您的{brand}账号，但多次输错第二步的验证码，没有进入。如果不是您，说明有人能读您的邮箱，请先到那里修改密码。",
    en: "Somebody logged in to your {brand} account by a code that was sent to you, and then typed wrong codes at the second factor. They did not get in. If it was not you, somebody can read your mailbox: change its password first.",
  },
  "second_factor_stopped.advice": {
    zh: "如果是您本人，无需理会。如果不是，请点下面的按钮：所有登录都会失效，两步验证继续有效，之后更换的邮箱和手机号会换回，并向您发送重置密码的验证码。",
    en: "If it was you, there is nothing to do. If it was not, use the button: every log-in ends, your second factor stays, an address or number changed since is put back, and you are sent a code for a new password.",
  },
  "lost_factor_asked.subject": {
    zh: "【{brand}】有人申请关闭您的两步验证",
    en: "[{brand}] Somebody asked to remove your second factor",
  },
  "lost_factor_asked.heading": {
    zh: "有人申请关闭您的两步验证",
    en: "Somebody asked to remove your second factor",
  },
  "lost_factor_asked.sentence": {
    zh: "有人通过了登录您的{brand}账号的第一步（如密码），并说丢了第二步。现在什么都没有改变；从下面的时间起，再次通过第一步就可以关闭两步验证。",
    en: "Somebody got past the first step of a log-in to your {brand} account, such as the password, and says that the second one is lost. Nothing has changed yet. From the time below on, the first step once more removes the second factor.",
  },
  "lost_factor_asked.from": { zh: "最早可关闭", en: "Not before" },
  "lost_factor_asked.until": { zh: "过期作废", en: "Lapses" },
  "lost_factor_asked.advice": {
    zh: "如果是您本人，请在上面的时间之后再次登录。如果不是，请立即取消，并修改密码：有人知道它。",
    en: "If it was you, log in again after that time. If it was not, cancel it at once, and set another password: somebody knows yours.",
  },
  "lost_factor_asked.button": { zh: "不是我，取消申请", en: "It wasn’t me: cancel it" },
  "lost_factor_asked.hint": {
    zh: "打开链接不会取消，页面上会请您确认。无需登录。",
    en: "Opening the link cancels nothing: the page asks first. No log-in is needed.",
  },
  "lost_factor_cancelled.subject": {
    zh: "【{brand}】关闭两步验证的申请已取消",
    en: "[{brand}] Your second factor stays on",
  },
  "lost_factor_cancelled.heading": { zh: "两步验证继续有效", en: "Your second factor stays on" },
  "lost_factor_cancelled.sentence": {
    zh: "关闭您的{brand}账号两步验证的申请已取消。",
    en: "The request to remove the second factor of your {brand} account was cancelled.",
  },
  "lost_factor_cancelled.link": {
    zh: "原因：有人在邮件的链接里取消了它。",
    en: "Why: somebody cancelled it by the link of the mail.",
  },
  "lost_factor_cancelled.log_in": {
    zh: "原因：有人通过两步验证登录了账号，所以没有丢失。",
    en: "Why: somebody logged in with the second factor, so it is not lost.",
  },
  "lost_factor_cancelled.session": {
    zh: "原因：账号在一处已有的登录中被使用。如果两步验证真的丢了，请先退出所有设备，再申请。",
    en: "Why: the account was used in a log-in from before. If the second factor is lost, log out everywhere first, and ask again.",
  },
  "lost_factor_cancelled.known_device": {
    zh: "原因：申请来自陌生设备，之后有人在您用过的设备上登录。如果两步验证真的丢了，请在那台设备上申请。",
    en: "Why: an unknown device had asked, and then somebody logged in on a device that you used before. If the second factor is lost, ask from that device.",
  },
  "second_factor_removed.subject": {
    zh: "【{brand}】两步验证已关闭",
    en: "[{brand}] The second factor is off",
  },
  "second_factor_removed.heading": { zh: "两步验证已关闭", en: "The second factor is off" },
  "second_factor_removed.sentence": {
    zh: "登录您的账号不再需要第二步验证，恢复码也已失效。",
    en: "A log-in to your account asks for no second factor any more. The recovery codes are over.",
  },
  "passkey_added.subject": { zh: "【{brand}】已添加通行密钥", en: "[{brand}] A passkey was added" },
  "passkey_added.heading": { zh: "已添加通行密钥", en: "A passkey was added" },
  "passkey_added.sentence": {
    zh: "您的账号添加了一个通行密钥，持有它的设备可以直接登录。",
    en: "A passkey was added to your account. The device that has it can log in by it alone.",
  },
  "passkey_added.advice": {
    zh: "是您本人就不用管它。如果不是，请点下面的按钮：删除这个通行密钥，结束所有登录，换回之后更换的邮箱和手机号，并给您发送重置密码的验证码。",
    en: "If it was you, there is nothing to do. If not, press the button: the passkey is removed, every log-in ends, an address or number changed since is put back, and you are sent a code for a new password.",
  },
  "passkey_removed.subject": { zh: "【{brand}】已删除通行密钥", en: "[{brand}] A passkey was removed" },
  "passkey_removed.heading": { zh: "已删除通行密钥", en: "A passkey was removed" },
  "passkey_removed.sentence": {
    zh: "您的账号删除了一个通行密钥，它不能再用来登录。",
    en: "A passkey was removed from your account. Nobody can log in by it any more.",
  },
  "authenticator_changed.subject": {
    zh: "【{brand}】您的验证器应用已更换",
    en: "[{brand}] Your authenticator app was changed",
  },
  "authenticator_changed.heading": {
    zh: "验证器应用已更换",
    en: "Your authenticator app was changed",
  },
  "authenticator_changed.sentence": {
    zh: "您的账号设置了一个新的验证器应用。之前的验证器应用（如有）显示的验证码不再有效，恢复码和通行密钥不变。",
    en: "An authenticator app was set up for your account. Codes of an app that it had before count no more. Recovery codes and passkeys are as they were.",
  },
  "authenticator_changed.advice": {
    zh: "是您本人就不用管它。如果不是，请点下面的按钮：移除这个验证器应用，结束所有登录，换回之后更换的邮箱和手机号，并给您发送重置密码的验证码。",
    en: "If it was you, there is nothing to do. If not, press the button: that app is removed, every log-in ends, an address or number changed since is put back, and you are sent a code for a new password.",
  },
  "recovery_code_used.subject": {
    zh: "【{brand}】有人使用了您的恢复码",
    en: "[{brand}] A recovery code was used",
  },
  "recovery_code_used.heading": { zh: "有人使用了您的恢复码", en: "A recovery code was used" },
  "recovery_code_used.sentence": {
    zh: "您的一个恢复码刚刚用于通过两步验证，它不能再用了。",
    en: "One of your recovery codes has just stood in for the authenticator app. It can’t be used again.",
  },
  "recovery_codes_low.subject": {
    zh: "【{brand}】您的恢复码快用完了",
    en: "[{brand}] Few recovery codes are left",
  },
  "recovery_codes_low.heading": { zh: "您的恢复码快用完了", en: "Few recovery codes are left" },
  "recovery_codes_low.sentence": {
    zh: "您的一个恢复码刚刚被使用，只剩最多三个。请登录后在账号页面换一组新的。",
    en: "One of your recovery codes has just been used, and three or fewer are left. Log in and get others on the account page.",
  },
  "recovery_codes_renewed.subject": {
    zh: "【{brand}】恢复码已更换",
    en: "[{brand}] Your recovery codes were replaced",
  },
  "recovery_codes_renewed.heading": { zh: "恢复码已更换", en: "Your recovery codes were replaced" },
  "recovery_codes_renewed.sentence": {
    zh: "您的账号有了一组新的恢复码，原来的已全部失效。",
    en: "Your account has new recovery codes. Those before are over.",
  },
  "new_device.subject": { zh: "【{brand}】新设备登录提醒", en: "[{brand}] A log-in from a new device" },
  "new_device.heading": { zh: "有新设备登录了您的账号", en: "A new device logged in to your account" },
  "new_device.sentence": {
    zh: "您的{brand}账号刚刚在一个从未用过的设备上登录。",
    en: "Your {brand} account was just logged in to from a device that was not used before.",
  },
  "new_device.advice": {
    zh: "如果是您本人，无需理会。如果不是，请点下面的按钮：所有登录都会失效，之后更换的邮箱和手机号会换回，之后开启的两步验证会关闭，并向您发送重置密码的验证码。",
    en: "If it was you, there is nothing to do. If it was not, use the button: every log-in ends, an address or number changed since is put back, a second factor switched on since is off again, and you are sent a code for a new password.",
  },
  "new_device.button": { zh: "这不是我", en: "This wasn’t me" },
  "new_device.hint": { zh: "按钮七天内有效。", en: "The button works for seven days." },
  "data_export_asked.subject": {
    zh: "【{brand}】有人申请导出您的数据",
    en: "[{brand}] Somebody asked for your data",
  },
  "data_export_asked.heading": { zh: "有人申请导出您的数据", en: "Somebody asked for your data" },
  "data_export_asked.sentence": {
    zh: "有人申请导出您的{brand}账号中的全部数据：登录了这个账号的人，或我们的工作人员（您可能请他们代办过）。在账号页面申请的，准备好后会再通知您，只有登录这个账号才能下载。",
    en: "Somebody asked for everything that is kept about your {brand} account: whoever is logged in to it, or our staff, whom you may have asked. Of what is asked for on the account page you are told when it is ready, and only who logs in to the account can fetch it.",
  },
  "data_export_asked.advice": {
    zh: "如果是您本人，无需理会。如果不是，请点下面的按钮：导出的数据会立即删除，不能再下载，所有登录都会失效，并向您发送重置密码的验证码。已经下载的收不回来。",
    en: "If it was you, there is nothing to do. If it was not, use the button: what was exported is removed and can no longer be fetched, every log-in ends, and you are sent a code for a new password. What was fetched already cannot be called back.",
  },
  "data_export_ready.subject": { zh: "【{brand}】您的数据已准备好", en: "[{brand}] Your data are ready" },
  "data_export_ready.heading": { zh: "您的数据已准备好", en: "Your data are ready" },
  "data_export_ready.sentence": {
    zh: "您申请的{brand}账号数据可以下载了，保留到 {day}。请登录后在账号页面下载。",
    en: "The data of your {brand} account that you asked for are ready, and are kept until {day}. Log in and fetch them on the account page.",
  },
  "data_export_ready.button": { zh: "打开账号页面", en: "Open the account page" },
  "data_export_ready.hint": {
    zh: "链接只打开登录页，其中没有数据；转发它不会让别人看到。",
    en: "The link leads to the log-in and holds no data: nobody sees them by it.",
  },
  "data_export_ready.advice": {
    zh: "如果是您本人，无需理会。如果不是，请点下面的按钮：导出的数据会立即删除，不能再下载，所有登录都会失效，并向您发送重置密码的验证码。已经下载的收不回来。",
    en: "If it was you, there is nothing to do. If it was not, use the button: what was exported is removed and can no longer be fetched, every log-in ends, and you are sent a code for a new password. What was fetched already cannot be called back.",
  },
  "deletion_asked.subject": {
    zh: "【{brand}】您的账号将被注销",
    en: "[{brand}] Your account will be deleted",
  },
  "deletion_asked.heading": { zh: "您的账号将被注销", en: "Your account will be deleted" },
  "deletion_asked.sentence": {
    zh: "您的{brand}账号被申请注销。从下面的时间起，账号和其中的数据将被清除，不能恢复。在此之前登录账号并确认，就可以撤销。",
    en: "Your {brand} account is to be deleted. From the time below on it is erased with its data, and nothing brings it back. Until then, log in and say so to keep it.",
  },
  "deletion_asked.from": { zh: "清除时间", en: "Erased from" },
  "deletion_asked.button": { zh: "登录并撤销", en: "Log in to keep it" },
  "deletion_asked.advice": {
    zh: "如果不是您本人申请的，请点下面的按钮，无需登录：注销会撤销，所有登录都会失效，并向您发送重置密码的验证码。",
    en: "If it was not you, use the button, without logging in: the deletion is cancelled, every log-in ends, and you are sent a code for a new password.",
  },
  "deletion_cancelled.subject": { zh: "【{brand}】账号注销已撤销", en: "[{brand}] Your account is kept" },
  "deletion_cancelled.heading": { zh: "账号注销已撤销", en: "Your account is kept" },
  "deletion_cancelled.sentence": {
    zh: "您的{brand}账号不再注销，其中的数据没有变化。",
    en: "Your {brand} account is not going to be deleted any more. Nothing in it has changed.",
  },
  "account_deleted.subject": { zh: "【{brand}】您的账号已注销", en: "[{brand}] Your account is deleted" },
  "account_deleted.heading": { zh: "您的账号已注销", en: "Your account is deleted" },
  "account_deleted.sentence": {
    zh: "您的{brand}账号和其中的数据已按申请清除，不能恢复。这是发往这个邮箱的最后一封邮件。",
    en: "Your {brand} account and its data are erased, as was asked for. Nothing brings them back. This is the last mail to this address.",
  },
  "account_deleted.button": { zh: "注销账号的说明", en: "What a deletion does" },
  "confirm_email.subject": { zh: "【{brand}】请确认您的邮箱", en: "[{brand}] Confirm your email address" },
  "confirm_email.heading": { zh: "请确认您的邮箱", en: "Confirm your email address" },
  "confirm_email.sentence": {
    zh: "有人把这个邮箱填为{brand}账号的邮箱。如果是您本人，请在 {day} 之前点下面的按钮确认。",
    en: "Somebody gave this as the email address of their {brand} account. If it was you, confirm it by the button below until {day}.",
  },
  "confirm_email.button": { zh: "确认邮箱", en: "Confirm" },
  "confirm_email.hint": {
    zh: "如果不是您本人的操作，请忽略这封邮件，不要点击：确认之前这个邮箱不能用来登录或找回密码。",
    en: "If it was not you, ignore this mail and open nothing: until it is confirmed the address logs nobody in and resets no password.",
  },
  "invitation.subject": { zh: "【{brand}】邀请您注册账号", en: "[{brand}] You are invited to sign up" },
  "invitation.heading": { zh: "邀请您注册账号", en: "You are invited" },
  "invitation.sentence": {
    zh: "您受邀注册{brand}账号。邀请在 {day} 之前有效，只能用这个邮箱注册。",
    en: "You are invited to create an account at {brand}. The invitation is good until {day}, for this email address.",
  },
  "invitation.button": { zh: "接受邀请", en: "Accept" },
  "invitation.hint": {
    zh: "如果您不认识邀请人，请忽略这封邮件。请勿转发，链接只供您本人使用。",
    en: "If you do not know who invites you, ignore this mail. Do not forward it: the link is for you alone.",
  },
  "account_made.subject": { zh: "【{brand}】已为您创建账号", en: "[{brand}] An account was made for you" },
  "account_made.heading": { zh: "已为您创建账号", en: "An account was made for you" },
  "account_made.sentence": {
    zh: "管理员为您创建了{brand}账号。请先设置密码：页面会向这个邮箱发送验证码。",
    en: "An administrator made an account at {brand} for you. Set its password first: the page sends a code to this address.",
  },
  "account_made.button": { zh: "设置密码", en: "Set the password" },
  "account_made.hint": {
    zh: "如果您不需要这个账号，请忽略这封邮件：没有密码，谁也无法登录。",
    en: "If you do not want it, ignore this mail: without a password nobody can log in.",
  },
  "notYou.advice": {
    zh: "如果是您本人，无需理会。如果不是，请点下面的按钮：所有登录都会失效；从这时起在账号页更换的邮箱和手机号会换回（已被别的账号使用的除外），绑定的第三方账号和开启的两步验证会去掉；并向您发送重置密码的验证码。",
    en: "If it was you, there is nothing to do. If it was not, use the button: every log-in ends; an address or number changed on the account page from then on is put back, unless another account has it by now; third parties bound and a second factor switched on from then on go; and you are sent a code for a new password.",
  },
  "notYou.sentence": {
    zh: "如果不是您本人的操作，请立即重置密码。",
    en: "If it was not you, reset your password at once.",
  },
  "notYou.button": { zh: "重置密码", en: "Reset password" },
} as const satisfies Readonly<Record<string, Texts>>;

export type MailTextKey = keyof typeof mailTexts;
