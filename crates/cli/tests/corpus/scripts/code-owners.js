export const meta = {
  name: 'code-owners',
  description: 'Propose CODEOWNERS from history; args: array of directories',
}

const DIRS = Array.isArray(args) ? args : [args].filter(Boolean)
if (DIRS.length === 0) return 'usage: --args \'["src", "docs"]\''

const OWNERS = {
  type: 'object',
  properties: {
    owners: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          email: { type: 'string', format: 'email' },
          share: { type: 'number', minimum: 0, maximum: 1 },
        },
        required: ['email', 'share'],
      },
      minItems: 1,
    },
  },
  required: ['owners'],
}
const rows = await pipeline(
  DIRS,
  dir => agent(`Run git shortlog -sne -- ${dir}. Who owns it?`, { label: dir, schema: OWNERS }),
  ({ owners }, dir) => {
    const top = owners.toSorted((a, b) => b.share - a.share || (a.email < b.email ? -1 : 1))[0]
    return `${dir.padEnd(12)}@${top.email.split('@')[0]}`
  },
)
return rows.map((r, i) => r?.replace(/@.*/u, '@…') ?? `# ${DIRS[i]}: unknown`).join('\n')
