export const meta = {
  name: 'support-themes',
  description:
    'Clusters support tickets (many languages, emoji) into themes and counts them without double counting',
  phases: [{ title: 'Read' }, { title: 'Cluster' }],
}

const TICKETS = [
  { id: 1, text: 'アプリが起動しません 😡 iOS 19 に更新後' },
  { id: 2, text: 'Die Rechnung zeigt 1.234,56 € statt 1,234.56 €' },
  { id: 3, text: 'لا أستطيع تغيير كلمة المرور' },
  { id: 4, text: 'App crashes on launch since the update 👎👎👎' },
  { id: 5, text: '付款后没有收到确认邮件 📧' },
  { id: 6, text: 'Płatność przeszła, ale nie mam potwierdzenia' },
  { id: 7, text: 'I was charged twice!!! 💳💳' },
  { id: 8, text: 'לא מצליח להתחבר מהמחשב של העבודה' },
  { id: 9, text: '앱이 계속 꺼져요 ㅠㅠ' },
  { id: 10, text: 'Familie 👨‍👩‍👧‍👦 Tarif: 5. Person fehlt' },
]

const emoji = /\p{Extended_Pictographic}(?:\u200d\p{Extended_Pictographic})*/gu
const clean = TICKETS.map(t => ({
  ...t,
  emoji: t.text.match(emoji)?.length ?? 0,
  text: t.text.replace(emoji, '').trim(),
}))

phase('Read')
const read = await pipeline(
  clean,
  t =>
    agent(`Translate to English and name the theme in two words:\n"""${t.text}"""`, {
      label: `#${t.id}`,
      schema: {
        type: 'object',
        properties: {
          english: { type: 'string' },
          theme: { type: 'string', enum: ['crash', 'billing', 'login', 'email', 'other'] },
          angry: { type: 'boolean' },
        },
        required: ['english', 'theme', 'angry'],
      },
    }),
  (r, t) => ({ id: t.id, theme: r.theme, angry: r.angry || t.emoji > 1 }),
)

phase('Cluster')
const themes = Object.groupBy(read.filter(Boolean), r => r.theme)
const named = await parallel(
  Object.entries(themes).map(
    ([theme, list]) =>
      () =>
        agent(
          `Name the root cause behind ${list.length} tickets about ${theme}: ${list.map(x => `#${x.id}`).join(' ')}`,
          { label: `theme ${theme}` },
        ),
  ),
)
return {
  emoji: clean.reduce((n, t) => n + t.emoji, 0),
  themes: Object.fromEntries(Object.entries(themes).map(([k, v]) => [k, v.length])),
  angry: read.filter(r => r?.angry).map(r => r.id),
  named: named.filter(Boolean).length,
  unread: read.flatMap((r, i) => (r ? [] : [TICKETS[i].id])),
}
