export const meta = {
  name: 'expand-contract',
  description: 'Plans, writes in worktrees, checks where it was written',
  phases: [{ title: 'Plan' }, { title: 'Write' }],
}
const PLAN = { type: 'object', required: ['tasks'], properties: { tasks: { type: 'array', maxItems: 6, items: { type: 'object', required: ['id', 'what'], properties: { id: { type: 'string' }, what: { type: 'string' } } } } } }
phase('Plan')
const plan = await agent('Split the refactoring into independent tasks.', { label: 'plan', schema: PLAN, agentType: 'Plan' })
if (!plan?.tasks?.length) return 'nothing to do'
phase('Write')
const built = await parallel(
  plan.tasks.map(task => () =>
    agent(`${task.what}\nRun the tests in your worktree before you finish, and say whether they pass.`, {
      label: `write:${task.id}`,
      isolation: 'worktree',
      timeoutMs: 20 * 60_000,
    }),
  ),
)
const report = plan.tasks.map((task, i) => `- ${task.id}: ${built[i] ?? 'came to nothing'}`)
return report.join('\n')
