export const meta = {
  name: 'rfc-review-board',
  description:
    'Reads an RFC in sections, comments per reviewer, resolves conflicts, votes; everything in one huge prompt at the end',
  phases: [{ title: 'Read' }, { title: 'Vote' }],
}

const SECTIONS = [
  'Motivation',
  'Design',
  'Alternatives',
  'Migration',
  'Security',
  'Observability',
  'Open questions',
]
const BOARD = ['Ada', 'Linus', 'Grace', 'Márta', '美咲']
const RULES = `
You are a member of the review board.

| vote | meaning |
| --- | --- |
| +1 | accept |
|  0 | accept with changes |
| -1 | reject |

Rules:
1. Quote before you criticise: \`> quoted text\`.
2. Never vote on taste. "I would have…" is taste.
3. A \`-1\` needs an alternative with its costs.
4. Code in \${dollar} templates is quoted as it stands: \`\${user.name}\` stays \`\${user.name}\`.
5. Numbers: 1_000 ≠ 1,000 ≠ 1.000.
${'─'.repeat(72)}
`.trim()

phase('Read')
const comments = await pipeline(
  SECTIONS.flatMap(section => BOARD.slice(0, 2).map(who => ({ section, who }))),
  ({ section, who }) =>
    agent(`${RULES}\n\nYou are ${who}. Comment on section «${section}».`, {
      label: `${who}: ${section}`,
      phase: 'Read',
    }),
  (text, c) => ({ ...c, text }),
)
const minutes = comments
  .filter(Boolean)
  .map(c => `### ${c.section} — ${c.who}\n\n${c.text}`)
  .join('\n\n')

phase('Vote')
const votes = await Promise.all(
  BOARD.map(who =>
    agent(`${RULES}\n\n# Minutes\n\n${minutes.repeat(8)}\n\nYou are ${who}. Vote.`, {
      label: `vote ${who}`,
      schema: {
        type: 'object',
        properties: {
          vote: { type: 'integer', enum: [1, 0, -1] },
          because: { type: 'string', maxLength: 200 },
        },
        required: ['vote', 'because'],
      },
    }),
  ),
)
const cast = votes.filter(v => v !== null)
const sum = cast.reduce((n, v) => n + v.vote, 0)
return {
  comments: comments.filter(Boolean).length,
  cast: cast.length,
  sum,
  accepted: cast.length >= 3 && sum > 0 && !cast.some(v => v.vote === -1),
  rules: RULES.includes('${user.name}') && RULES.includes('`'),
}
