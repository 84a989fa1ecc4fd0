export const meta = {
  name: 'own-budget',
  description: 'Spends a fixed allowance of agents per directory; brings its own budget object',
}

// Redeclares the global on purpose: this workflow counts agents, not tokens.
const budget = {
  total: 9,
  used: 0,
  take(n = 1) {
    if (this.used + n > this.total) return false
    this.used += n
    return true
  },
}
const parallelism = 3
const phase = (name, fn) => (log(`▶ ${name}`), fn())

const dirs = ['apps/web', 'apps/admin', 'packages/ui', 'packages/api', 'packages/config']
const results = {}

await phase('audit', async () => {
  for (const dir of dirs) {
    if (!budget.take(parallelism)) {
      log(`allowance used up before ${dir}`)
      results[dir] = 'skipped'
      continue
    }
    const answers = await parallel(
      ['unused exports', 'circular imports', 'duplicated helpers'].map(
        what => () =>
          agent(`Look for ${what} in ${dir}. One line each, or NONE.`, { label: `${dir}: ${what}` }),
      ),
    )
    results[dir] = answers.map(a => (a === null ? '?' : a.includes('NONE') ? 'clean' : 'hits')).join(',')
  }
})

return { budget: { total: budget.total, used: budget.used }, results }
