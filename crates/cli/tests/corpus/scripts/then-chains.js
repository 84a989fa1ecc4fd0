export const meta = {
  name: 'changelog-from-commits',
  description: 'Old-school promise chains: written before the author knew await',
}

const say = text => {
  log(text)
  return text
}
const orElse = fallback => value => (value === null ? fallback : value)

return agent('List the commits since the last tag, one per line.', { label: 'commits' })
  .then(orElse('(no commits)'))
  .then(commits =>
    Promise.all([
      agent(`Group into features and fixes:\n${commits}`, { label: 'group' }).then(orElse('ungrouped')),
      agent(`Which of these break something?\n${commits}`, { label: 'breaking' }).then(
        text => text !== null,
        () => 'rejected',
      ),
      agent(`Bad options`, { effort: 'ludicrous' }).catch(
        error => `${error.name}: ${error.message.includes('effort')}`,
      ),
    ]),
  )
  .then(([groups, breaking, bad]) =>
    agent(`Write the changelog:\n${groups}`, { label: 'write' }).then(text => ({
      written: text !== null,
      breaking,
      bad,
    })),
  )
  .then(result => ({ ...result, chained: true }))
  .finally(() => say('chain ended'))
