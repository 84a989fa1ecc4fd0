export const meta = {
  name: 'rtl-copy-review',
  description: 'مراجعة نصوص الواجهة العربية والعبرية والفارسية من غير علامات اتجاه مخفية',
}

const SCREENS = [
  { id: 'login', ar: 'تسجيل الدخول إلى حسابك', he: 'התחברות לחשבון שלך', fa: 'ورود به حساب کاربری' },
  { id: 'cart', ar: 'سلة المشتريات (٣ منتجات)', he: 'עגלת קניות (3 מוצרים)', fa: 'سبد خرید (۳ کالا)' },
  {
    id: 'error',
    ar: 'حدث خطأ، حاول مرة أخرى لاحقًا.',
    he: 'אירעה שגיאה, נסו שוב מאוחר יותר.',
    fa: 'خطایی رخ داد؛ دوباره تلاش کنید.',
  },
]
const LANGS = { ar: 'العربية', he: 'עברית', fa: 'فارسی' }
const digits = { ar: /[\u0660-\u0669]/u, fa: /[\u06f0-\u06f9]/u }

const jobs = SCREENS.flatMap(s => Object.keys(LANGS).map(lang => ({ screen: s.id, lang, text: s[lang] })))
const reviewed = await pipeline(
  jobs,
  job =>
    agent(
      `راجع هذا النص (${LANGS[job.lang]}، الشاشة «${job.screen}»):\n\n«${job.text}»\n\nIs the punctuation right, the register consistent, and does it fit 40 characters?`,
      {
        label: `${job.screen}/${LANGS[job.lang]}`,
        phase: LANGS[job.lang],
        schema: {
          type: 'object',
          properties: { ok: { type: 'boolean' }, suggestion: { type: 'string' } },
          required: ['ok'],
        },
      },
    ),
  (r, job) => ({
    ...job,
    ok: r.ok,
    localDigits: digits[job.lang]?.test(job.text) ?? false,
    length: [...job.text].length,
  }),
)

const rows = reviewed.map((r, i) => r ?? { ...jobs[i], ok: null })
return rows.reduce((acc, r) => {
  acc[r.lang] ??= { ok: 0, bad: 0, unknown: 0, longest: 0 }
  acc[r.lang][r.ok === null ? 'unknown' : r.ok ? 'ok' : 'bad'] += 1
  acc[r.lang].longest = Math.max(acc[r.lang].longest, r.length ?? 0)
  return acc
}, {})
