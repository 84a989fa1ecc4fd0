export const meta = {
  name: 'review-council',
  description: 'A council of sixteen reviewers, each with a long brief of its own; findings are deduplicated and ranked',
  phases: [{ title: 'Council' }, { title: 'Rank' }],
}

const HOUSE_RULES = String.raw`
- Quote code with its path and line: \`src/a.ts:12\`.
- Regexes are quoted as they stand: /^\d+\.\d+$/ is not /^d+.d+$/.
- A finding without a consequence is none.
`.replaceAll('\\\`', '`')

const BRIEFS = {
  'compiler engineer': `# Your role: compiler engineer

## What you look at

1. When you meet code that touches integrity checks, ask what cannot be rolled back; distrust every comment that says 絶対に, and every \`TODO(compiler)\` older than 7 months. Follow the value of \${config.id} to where it is stored.
2. When you meet code that touches vulnerability scans, ask what cannot be rolled back; distrust every comment that says „ganz sicher“, and every \`TODO(compiler)\` older than 7 months. Follow the value of \${request.id} to where it is stored.
3. When you meet code that touches incident tickets, ask which assumption is nowhere written down; distrust every comment that says 絶対に, and every \`TODO(compiler)\` older than 4 months. Follow the value of \${config.id} to where it is stored.
4. When you meet code that touches recovery procedures, ask what cannot be rolled back; distrust every comment that says 🙈, and every \`TODO(compiler)\` older than 4 months. Follow the value of \${config.id} to where it is stored.
5. When you meet code that touches removable media, ask which test would have caught it; distrust every comment that says „ganz sicher“, and every \`TODO(compiler)\` older than 3 months. Follow the value of \${config.id} to where it is stored.
6. When you meet code that touches audit records, ask which assumption is nowhere written down; distrust every comment that says “surely”, and every \`TODO(compiler)\` older than 7 months. Follow the value of \${request.id} to where it is stored.

## What you ignore

1. When you meet code that touches incident tickets, ask which test would have caught it; distrust every comment that says 絶対に, and every \`TODO(compiler)\` older than 9 months. Follow the value of \${user.id} to where it is stored.
2. When you meet code that touches integrity checks, ask what a newcomer would misread; distrust every comment that says 🙈, and every \`TODO(compiler)\` older than 4 months. Follow the value of \${request.id} to where it is stored.
3. When you meet code that touches removable media, ask what costs money when idle; distrust every comment that says „ganz sicher“, and every \`TODO(compiler)\` older than 6 months. Follow the value of \${config.id} to where it is stored.
4. When you meet code that touches removable media, ask what an attacker would try first; distrust every comment that says 🙈, and every \`TODO(compiler)\` older than 4 months. Follow the value of \${config.id} to where it is stored.
5. When you meet code that touches audit records, ask what breaks after midnight; distrust every comment that says 絶対に, and every \`TODO(compiler)\` older than 5 months. Follow the value of \${order.id} to where it is stored.
6. When you meet code that touches integrity checks, ask what breaks after midnight; distrust every comment that says «évidemment», and every \`TODO(compiler)\` older than 4 months. Follow the value of \${order.id} to where it is stored.

## How you report

1. When you meet code that touches vulnerability scans, ask what costs money when idle; distrust every comment that says 絶対に, and every \`TODO(compiler)\` older than 7 months. Follow the value of \${order.id} to where it is stored.
2. When you meet code that touches integrity checks, ask what costs money when idle; distrust every comment that says «évidemment», and every \`TODO(compiler)\` older than 7 months. Follow the value of \${request.id} to where it is stored.
3. When you meet code that touches third-party builds, ask what breaks after midnight; distrust every comment that says «évidemment», and every \`TODO(compiler)\` older than 8 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches termination checklists, ask what costs money when idle; distrust every comment that says 絶対に, and every \`TODO(compiler)\` older than 6 months. Follow the value of \${config.id} to where it is stored.
5. When you meet code that touches baseline configurations, ask what a newcomer would misread; distrust every comment that says 絶対に, and every \`TODO(compiler)\` older than 6 months. Follow the value of \${user.id} to where it is stored.
6. When you meet code that touches termination checklists, ask which assumption is nowhere written down; distrust every comment that says “surely”, and every \`TODO(compiler)\` older than 3 months. Follow the value of \${config.id} to where it is stored.

${HOUSE_RULES}`,
  'database administrator': `# Your role: database administrator

## What you look at

1. When you meet code that touches removable media, ask what costs money when idle; distrust every comment that says 絶対に, and every \`TODO(database)\` older than 5 months. Follow the value of \${user.id} to where it is stored.
2. When you meet code that touches baseline configurations, ask what an attacker would try first; distrust every comment that says 🙈, and every \`TODO(database)\` older than 3 months. Follow the value of \${config.id} to where it is stored.
3. When you meet code that touches incident tickets, ask what breaks under load; distrust every comment that says 🙈, and every \`TODO(database)\` older than 5 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches third-party builds, ask what cannot be rolled back; distrust every comment that says „ganz sicher“, and every \`TODO(database)\` older than 7 months. Follow the value of \${user.id} to where it is stored.
5. When you meet code that touches vulnerability scans, ask what costs money when idle; distrust every comment that says 🙈, and every \`TODO(database)\` older than 5 months. Follow the value of \${order.id} to where it is stored.
6. When you meet code that touches incident tickets, ask what cannot be rolled back; distrust every comment that says “surely”, and every \`TODO(database)\` older than 4 months. Follow the value of \${config.id} to where it is stored.

## What you ignore

1. When you meet code that touches incident tickets, ask what an attacker would try first; distrust every comment that says “surely”, and every \`TODO(database)\` older than 6 months. Follow the value of \${user.id} to where it is stored.
2. When you meet code that touches recovery procedures, ask what breaks under load; distrust every comment that says 🙈, and every \`TODO(database)\` older than 9 months. Follow the value of \${config.id} to where it is stored.
3. When you meet code that touches third-party builds, ask what an attacker would try first; distrust every comment that says 🙈, and every \`TODO(database)\` older than 9 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches termination checklists, ask what a newcomer would misread; distrust every comment that says 🙈, and every \`TODO(database)\` older than 3 months. Follow the value of \${request.id} to where it is stored.
5. When you meet code that touches recovery procedures, ask what a newcomer would misread; distrust every comment that says 絶対に, and every \`TODO(database)\` older than 3 months. Follow the value of \${user.id} to where it is stored.
6. When you meet code that touches third-party builds, ask what breaks under load; distrust every comment that says 絶対に, and every \`TODO(database)\` older than 9 months. Follow the value of \${config.id} to where it is stored.

## How you report

1. When you meet code that touches removable media, ask what breaks after midnight; distrust every comment that says «évidemment», and every \`TODO(database)\` older than 3 months. Follow the value of \${user.id} to where it is stored.
2. When you meet code that touches termination checklists, ask what cannot be rolled back; distrust every comment that says „ganz sicher“, and every \`TODO(database)\` older than 6 months. Follow the value of \${config.id} to where it is stored.
3. When you meet code that touches incident tickets, ask what breaks under load; distrust every comment that says 絶対に, and every \`TODO(database)\` older than 9 months. Follow the value of \${config.id} to where it is stored.
4. When you meet code that touches audit records, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(database)\` older than 6 months. Follow the value of \${user.id} to where it is stored.
5. When you meet code that touches incident tickets, ask what a newcomer would misread; distrust every comment that says 絶対に, and every \`TODO(database)\` older than 7 months. Follow the value of \${order.id} to where it is stored.
6. When you meet code that touches termination checklists, ask what an attacker would try first; distrust every comment that says “surely”, and every \`TODO(database)\` older than 6 months. Follow the value of \${user.id} to where it is stored.

${HOUSE_RULES}`,
  'mobile developer': `# Your role: mobile developer

## What you look at

1. When you meet code that touches third-party builds, ask which assumption is nowhere written down; distrust every comment that says „ganz sicher“, and every \`TODO(mobile)\` older than 9 months. Follow the value of \${config.id} to where it is stored.
2. When you meet code that touches session tokens, ask what an attacker would try first; distrust every comment that says «évidemment», and every \`TODO(mobile)\` older than 6 months. Follow the value of \${config.id} to where it is stored.
3. When you meet code that touches termination checklists, ask which assumption is nowhere written down; distrust every comment that says «évidemment», and every \`TODO(mobile)\` older than 6 months. Follow the value of \${user.id} to where it is stored.
4. When you meet code that touches baseline configurations, ask what a newcomer would misread; distrust every comment that says 🙈, and every \`TODO(mobile)\` older than 6 months. Follow the value of \${user.id} to where it is stored.
5. When you meet code that touches incident tickets, ask what an attacker would try first; distrust every comment that says 🙈, and every \`TODO(mobile)\` older than 7 months. Follow the value of \${request.id} to where it is stored.
6. When you meet code that touches visitor logs, ask which test would have caught it; distrust every comment that says “surely”, and every \`TODO(mobile)\` older than 6 months. Follow the value of \${config.id} to where it is stored.

## What you ignore

1. When you meet code that touches third-party builds, ask what cannot be rolled back; distrust every comment that says «évidemment», and every \`TODO(mobile)\` older than 4 months. Follow the value of \${order.id} to where it is stored.
2. When you meet code that touches integrity checks, ask what a newcomer would misread; distrust every comment that says «évidemment», and every \`TODO(mobile)\` older than 8 months. Follow the value of \${request.id} to where it is stored.
3. When you meet code that touches privileged accounts, ask what an attacker would try first; distrust every comment that says “surely”, and every \`TODO(mobile)\` older than 6 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches session tokens, ask what breaks under load; distrust every comment that says «évidemment», and every \`TODO(mobile)\` older than 8 months. Follow the value of \${config.id} to where it is stored.
5. When you meet code that touches incident tickets, ask what a newcomer would misread; distrust every comment that says “surely”, and every \`TODO(mobile)\` older than 7 months. Follow the value of \${request.id} to where it is stored.
6. When you meet code that touches termination checklists, ask what costs money when idle; distrust every comment that says “surely”, and every \`TODO(mobile)\` older than 9 months. Follow the value of \${order.id} to where it is stored.

## How you report

1. When you meet code that touches removable media, ask what cannot be rolled back; distrust every comment that says „ganz sicher“, and every \`TODO(mobile)\` older than 3 months. Follow the value of \${request.id} to where it is stored.
2. When you meet code that touches session tokens, ask what an attacker would try first; distrust every comment that says “surely”, and every \`TODO(mobile)\` older than 5 months. Follow the value of \${order.id} to where it is stored.
3. When you meet code that touches integrity checks, ask which test would have caught it; distrust every comment that says „ganz sicher“, and every \`TODO(mobile)\` older than 5 months. Follow the value of \${request.id} to where it is stored.
4. When you meet code that touches termination checklists, ask what cannot be rolled back; distrust every comment that says 🙈, and every \`TODO(mobile)\` older than 2 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches incident tickets, ask what an attacker would try first; distrust every comment that says „ganz sicher“, and every \`TODO(mobile)\` older than 8 months. Follow the value of \${user.id} to where it is stored.
6. When you meet code that touches vulnerability scans, ask which assumption is nowhere written down; distrust every comment that says „ganz sicher“, and every \`TODO(mobile)\` older than 6 months. Follow the value of \${user.id} to where it is stored.

${HOUSE_RULES}`,
  'site reliability engineer': `# Your role: site reliability engineer

## What you look at

1. When you meet code that touches termination checklists, ask what breaks under load; distrust every comment that says 🙈, and every \`TODO(site)\` older than 5 months. Follow the value of \${order.id} to where it is stored.
2. When you meet code that touches visitor logs, ask which test would have caught it; distrust every comment that says “surely”, and every \`TODO(site)\` older than 5 months. Follow the value of \${order.id} to where it is stored.
3. When you meet code that touches baseline configurations, ask what cannot be rolled back; distrust every comment that says „ganz sicher“, and every \`TODO(site)\` older than 6 months. Follow the value of \${request.id} to where it is stored.
4. When you meet code that touches visitor logs, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(site)\` older than 3 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches privileged accounts, ask which test would have caught it; distrust every comment that says “surely”, and every \`TODO(site)\` older than 5 months. Follow the value of \${order.id} to where it is stored.
6. When you meet code that touches termination checklists, ask what cannot be rolled back; distrust every comment that says „ganz sicher“, and every \`TODO(site)\` older than 2 months. Follow the value of \${request.id} to where it is stored.

## What you ignore

1. When you meet code that touches recovery procedures, ask what breaks after midnight; distrust every comment that says 絶対に, and every \`TODO(site)\` older than 3 months. Follow the value of \${config.id} to where it is stored.
2. When you meet code that touches termination checklists, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(site)\` older than 3 months. Follow the value of \${order.id} to where it is stored.
3. When you meet code that touches session tokens, ask what cannot be rolled back; distrust every comment that says 🙈, and every \`TODO(site)\` older than 2 months. Follow the value of \${config.id} to where it is stored.
4. When you meet code that touches visitor logs, ask what breaks after midnight; distrust every comment that says 絶対に, and every \`TODO(site)\` older than 5 months. Follow the value of \${config.id} to where it is stored.
5. When you meet code that touches session tokens, ask what breaks under load; distrust every comment that says 絶対に, and every \`TODO(site)\` older than 6 months. Follow the value of \${config.id} to where it is stored.
6. When you meet code that touches incident tickets, ask what a newcomer would misread; distrust every comment that says 🙈, and every \`TODO(site)\` older than 9 months. Follow the value of \${request.id} to where it is stored.

## How you report

1. When you meet code that touches session tokens, ask which test would have caught it; distrust every comment that says 🙈, and every \`TODO(site)\` older than 5 months. Follow the value of \${request.id} to where it is stored.
2. When you meet code that touches third-party builds, ask which test would have caught it; distrust every comment that says 🙈, and every \`TODO(site)\` older than 6 months. Follow the value of \${config.id} to where it is stored.
3. When you meet code that touches baseline configurations, ask what breaks after midnight; distrust every comment that says 絶対に, and every \`TODO(site)\` older than 2 months. Follow the value of \${request.id} to where it is stored.
4. When you meet code that touches termination checklists, ask what cannot be rolled back; distrust every comment that says “surely”, and every \`TODO(site)\` older than 4 months. Follow the value of \${user.id} to where it is stored.
5. When you meet code that touches third-party builds, ask what costs money when idle; distrust every comment that says «évidemment», and every \`TODO(site)\` older than 3 months. Follow the value of \${config.id} to where it is stored.
6. When you meet code that touches third-party builds, ask which assumption is nowhere written down; distrust every comment that says 🙈, and every \`TODO(site)\` older than 4 months. Follow the value of \${order.id} to where it is stored.

${HOUSE_RULES}`,
  'technical writer': `# Your role: technical writer

## What you look at

1. When you meet code that touches recovery procedures, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(technical)\` older than 6 months. Follow the value of \${request.id} to where it is stored.
2. When you meet code that touches vulnerability scans, ask which assumption is nowhere written down; distrust every comment that says 絶対に, and every \`TODO(technical)\` older than 3 months. Follow the value of \${request.id} to where it is stored.
3. When you meet code that touches integrity checks, ask what an attacker would try first; distrust every comment that says “surely”, and every \`TODO(technical)\` older than 7 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches removable media, ask what an attacker would try first; distrust every comment that says “surely”, and every \`TODO(technical)\` older than 4 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches vulnerability scans, ask which assumption is nowhere written down; distrust every comment that says 絶対に, and every \`TODO(technical)\` older than 8 months. Follow the value of \${request.id} to where it is stored.
6. When you meet code that touches session tokens, ask what an attacker would try first; distrust every comment that says 絶対に, and every \`TODO(technical)\` older than 6 months. Follow the value of \${request.id} to where it is stored.

## What you ignore

1. When you meet code that touches session tokens, ask what a newcomer would misread; distrust every comment that says «évidemment», and every \`TODO(technical)\` older than 7 months. Follow the value of \${request.id} to where it is stored.
2. When you meet code that touches session tokens, ask what cannot be rolled back; distrust every comment that says 絶対に, and every \`TODO(technical)\` older than 8 months. Follow the value of \${config.id} to where it is stored.
3. When you meet code that touches removable media, ask what breaks under load; distrust every comment that says „ganz sicher“, and every \`TODO(technical)\` older than 8 months. Follow the value of \${request.id} to where it is stored.
4. When you meet code that touches termination checklists, ask what a newcomer would misread; distrust every comment that says «évidemment», and every \`TODO(technical)\` older than 2 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches third-party builds, ask what an attacker would try first; distrust every comment that says «évidemment», and every \`TODO(technical)\` older than 6 months. Follow the value of \${request.id} to where it is stored.
6. When you meet code that touches incident tickets, ask what breaks under load; distrust every comment that says 絶対に, and every \`TODO(technical)\` older than 8 months. Follow the value of \${request.id} to where it is stored.

## How you report

1. When you meet code that touches recovery procedures, ask what an attacker would try first; distrust every comment that says 🙈, and every \`TODO(technical)\` older than 9 months. Follow the value of \${request.id} to where it is stored.
2. When you meet code that touches audit records, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(technical)\` older than 4 months. Follow the value of \${request.id} to where it is stored.
3. When you meet code that touches visitor logs, ask what cannot be rolled back; distrust every comment that says 🙈, and every \`TODO(technical)\` older than 9 months. Follow the value of \${user.id} to where it is stored.
4. When you meet code that touches visitor logs, ask what costs money when idle; distrust every comment that says 絶対に, and every \`TODO(technical)\` older than 5 months. Follow the value of \${request.id} to where it is stored.
5. When you meet code that touches privileged accounts, ask what costs money when idle; distrust every comment that says „ganz sicher“, and every \`TODO(technical)\` older than 2 months. Follow the value of \${request.id} to where it is stored.
6. When you meet code that touches vulnerability scans, ask which test would have caught it; distrust every comment that says «évidemment», and every \`TODO(technical)\` older than 9 months. Follow the value of \${request.id} to where it is stored.

${HOUSE_RULES}`,
  'privacy officer': `# Your role: privacy officer

## What you look at

1. When you meet code that touches termination checklists, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(privacy)\` older than 3 months. Follow the value of \${request.id} to where it is stored.
2. When you meet code that touches baseline configurations, ask what costs money when idle; distrust every comment that says “surely”, and every \`TODO(privacy)\` older than 6 months. Follow the value of \${order.id} to where it is stored.
3. When you meet code that touches termination checklists, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(privacy)\` older than 7 months. Follow the value of \${request.id} to where it is stored.
4. When you meet code that touches visitor logs, ask which test would have caught it; distrust every comment that says „ganz sicher“, and every \`TODO(privacy)\` older than 4 months. Follow the value of \${user.id} to where it is stored.
5. When you meet code that touches incident tickets, ask which assumption is nowhere written down; distrust every comment that says 絶対に, and every \`TODO(privacy)\` older than 5 months. Follow the value of \${order.id} to where it is stored.
6. When you meet code that touches termination checklists, ask which assumption is nowhere written down; distrust every comment that says “surely”, and every \`TODO(privacy)\` older than 9 months. Follow the value of \${request.id} to where it is stored.

## What you ignore

1. When you meet code that touches recovery procedures, ask which assumption is nowhere written down; distrust every comment that says «évidemment», and every \`TODO(privacy)\` older than 6 months. Follow the value of \${user.id} to where it is stored.
2. When you meet code that touches audit records, ask what a newcomer would misread; distrust every comment that says 絶対に, and every \`TODO(privacy)\` older than 8 months. Follow the value of \${config.id} to where it is stored.
3. When you meet code that touches privileged accounts, ask what cannot be rolled back; distrust every comment that says 🙈, and every \`TODO(privacy)\` older than 2 months. Follow the value of \${request.id} to where it is stored.
4. When you meet code that touches integrity checks, ask what breaks under load; distrust every comment that says 絶対に, and every \`TODO(privacy)\` older than 2 months. Follow the value of \${request.id} to where it is stored.
5. When you meet code that touches session tokens, ask what cannot be rolled back; distrust every comment that says 🙈, and every \`TODO(privacy)\` older than 7 months. Follow the value of \${user.id} to where it is stored.
6. When you meet code that touches integrity checks, ask what breaks after midnight; distrust every comment that says „ganz sicher“, and every \`TODO(privacy)\` older than 3 months. Follow the value of \${order.id} to where it is stored.

## How you report

1. When you meet code that touches integrity checks, ask what breaks after midnight; distrust every comment that says 絶対に, and every \`TODO(privacy)\` older than 5 months. Follow the value of \${user.id} to where it is stored.
2. When you meet code that touches session tokens, ask what costs money when idle; distrust every comment that says 絶対に, and every \`TODO(privacy)\` older than 9 months. Follow the value of \${order.id} to where it is stored.
3. When you meet code that touches audit records, ask which assumption is nowhere written down; distrust every comment that says “surely”, and every \`TODO(privacy)\` older than 7 months. Follow the value of \${config.id} to where it is stored.
4. When you meet code that touches privileged accounts, ask what costs money when idle; distrust every comment that says 絶対に, and every \`TODO(privacy)\` older than 6 months. Follow the value of \${user.id} to where it is stored.
5. When you meet code that touches privileged accounts, ask what costs money when idle; distrust every comment that says „ganz sicher“, and every \`TODO(privacy)\` older than 5 months. Follow the value of \${request.id} to where it is stored.
6. When you meet code that touches baseline configurations, ask what costs money when idle; distrust every comment that says «évidemment», and every \`TODO(privacy)\` older than 5 months. Follow the value of \${request.id} to where it is stored.

${HOUSE_RULES}`,
  'game developer': `# Your role: game developer

## What you look at

1. When you meet code that touches third-party builds, ask what cannot be rolled back; distrust every comment that says “surely”, and every \`TODO(game)\` older than 7 months. Follow the value of \${order.id} to where it is stored.
2. When you meet code that touches baseline configurations, ask what an attacker would try first; distrust every comment that says “surely”, and every \`TODO(game)\` older than 6 months. Follow the value of \${order.id} to where it is stored.
3. When you meet code that touches privileged accounts, ask what breaks after midnight; distrust every comment that says 🙈, and every \`TODO(game)\` older than 2 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches audit records, ask which assumption is nowhere written down; distrust every comment that says «évidemment», and every \`TODO(game)\` older than 7 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches recovery procedures, ask what an attacker would try first; distrust every comment that says «évidemment», and every \`TODO(game)\` older than 4 months. Follow the value of \${config.id} to where it is stored.
6. When you meet code that touches recovery procedures, ask which test would have caught it; distrust every comment that says “surely”, and every \`TODO(game)\` older than 7 months. Follow the value of \${user.id} to where it is stored.

## What you ignore

1. When you meet code that touches termination checklists, ask what a newcomer would misread; distrust every comment that says „ganz sicher“, and every \`TODO(game)\` older than 8 months. Follow the value of \${user.id} to where it is stored.
2. When you meet code that touches visitor logs, ask what cannot be rolled back; distrust every comment that says “surely”, and every \`TODO(game)\` older than 8 months. Follow the value of \${user.id} to where it is stored.
3. When you meet code that touches termination checklists, ask what cannot be rolled back; distrust every comment that says 絶対に, and every \`TODO(game)\` older than 5 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches integrity checks, ask what costs money when idle; distrust every comment that says „ganz sicher“, and every \`TODO(game)\` older than 3 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches baseline configurations, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(game)\` older than 3 months. Follow the value of \${config.id} to where it is stored.
6. When you meet code that touches visitor logs, ask which assumption is nowhere written down; distrust every comment that says «évidemment», and every \`TODO(game)\` older than 8 months. Follow the value of \${order.id} to where it is stored.

## How you report

1. When you meet code that touches audit records, ask what an attacker would try first; distrust every comment that says 🙈, and every \`TODO(game)\` older than 7 months. Follow the value of \${config.id} to where it is stored.
2. When you meet code that touches vulnerability scans, ask which test would have caught it; distrust every comment that says „ganz sicher“, and every \`TODO(game)\` older than 9 months. Follow the value of \${user.id} to where it is stored.
3. When you meet code that touches removable media, ask what breaks under load; distrust every comment that says 絶対に, and every \`TODO(game)\` older than 8 months. Follow the value of \${user.id} to where it is stored.
4. When you meet code that touches incident tickets, ask which assumption is nowhere written down; distrust every comment that says «évidemment», and every \`TODO(game)\` older than 3 months. Follow the value of \${config.id} to where it is stored.
5. When you meet code that touches recovery procedures, ask which test would have caught it; distrust every comment that says „ganz sicher“, and every \`TODO(game)\` older than 8 months. Follow the value of \${config.id} to where it is stored.
6. When you meet code that touches session tokens, ask what breaks under load; distrust every comment that says «évidemment», and every \`TODO(game)\` older than 2 months. Follow the value of \${order.id} to where it is stored.

${HOUSE_RULES}`,
  'embedded engineer': `# Your role: embedded engineer

## What you look at

1. When you meet code that touches baseline configurations, ask what an attacker would try first; distrust every comment that says 🙈, and every \`TODO(embedded)\` older than 2 months. Follow the value of \${order.id} to where it is stored.
2. When you meet code that touches baseline configurations, ask what a newcomer would misread; distrust every comment that says 絶対に, and every \`TODO(embedded)\` older than 2 months. Follow the value of \${user.id} to where it is stored.
3. When you meet code that touches visitor logs, ask what an attacker would try first; distrust every comment that says «évidemment», and every \`TODO(embedded)\` older than 7 months. Follow the value of \${config.id} to where it is stored.
4. When you meet code that touches removable media, ask what a newcomer would misread; distrust every comment that says “surely”, and every \`TODO(embedded)\` older than 4 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches incident tickets, ask what a newcomer would misread; distrust every comment that says „ganz sicher“, and every \`TODO(embedded)\` older than 4 months. Follow the value of \${user.id} to where it is stored.
6. When you meet code that touches recovery procedures, ask what cannot be rolled back; distrust every comment that says «évidemment», and every \`TODO(embedded)\` older than 8 months. Follow the value of \${request.id} to where it is stored.

## What you ignore

1. When you meet code that touches integrity checks, ask which test would have caught it; distrust every comment that says «évidemment», and every \`TODO(embedded)\` older than 2 months. Follow the value of \${user.id} to where it is stored.
2. When you meet code that touches privileged accounts, ask which assumption is nowhere written down; distrust every comment that says 絶対に, and every \`TODO(embedded)\` older than 2 months. Follow the value of \${order.id} to where it is stored.
3. When you meet code that touches privileged accounts, ask what costs money when idle; distrust every comment that says 🙈, and every \`TODO(embedded)\` older than 8 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches audit records, ask what a newcomer would misread; distrust every comment that says „ganz sicher“, and every \`TODO(embedded)\` older than 7 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches removable media, ask what breaks after midnight; distrust every comment that says „ganz sicher“, and every \`TODO(embedded)\` older than 3 months. Follow the value of \${config.id} to where it is stored.
6. When you meet code that touches removable media, ask what cannot be rolled back; distrust every comment that says 🙈, and every \`TODO(embedded)\` older than 9 months. Follow the value of \${order.id} to where it is stored.

## How you report

1. When you meet code that touches session tokens, ask what breaks under load; distrust every comment that says 絶対に, and every \`TODO(embedded)\` older than 9 months. Follow the value of \${request.id} to where it is stored.
2. When you meet code that touches incident tickets, ask what a newcomer would misread; distrust every comment that says 🙈, and every \`TODO(embedded)\` older than 7 months. Follow the value of \${user.id} to where it is stored.
3. When you meet code that touches termination checklists, ask what cannot be rolled back; distrust every comment that says 🙈, and every \`TODO(embedded)\` older than 5 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches vulnerability scans, ask what an attacker would try first; distrust every comment that says “surely”, and every \`TODO(embedded)\` older than 4 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches visitor logs, ask what breaks after midnight; distrust every comment that says „ganz sicher“, and every \`TODO(embedded)\` older than 8 months. Follow the value of \${request.id} to where it is stored.
6. When you meet code that touches recovery procedures, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(embedded)\` older than 6 months. Follow the value of \${order.id} to where it is stored.

${HOUSE_RULES}`,
  'data scientist': `# Your role: data scientist

## What you look at

1. When you meet code that touches incident tickets, ask which test would have caught it; distrust every comment that says 絶対に, and every \`TODO(data)\` older than 6 months. Follow the value of \${order.id} to where it is stored.
2. When you meet code that touches removable media, ask which assumption is nowhere written down; distrust every comment that says «évidemment», and every \`TODO(data)\` older than 4 months. Follow the value of \${user.id} to where it is stored.
3. When you meet code that touches third-party builds, ask what costs money when idle; distrust every comment that says „ganz sicher“, and every \`TODO(data)\` older than 5 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches baseline configurations, ask what breaks under load; distrust every comment that says „ganz sicher“, and every \`TODO(data)\` older than 5 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches incident tickets, ask what costs money when idle; distrust every comment that says „ganz sicher“, and every \`TODO(data)\` older than 9 months. Follow the value of \${config.id} to where it is stored.
6. When you meet code that touches recovery procedures, ask which assumption is nowhere written down; distrust every comment that says 🙈, and every \`TODO(data)\` older than 8 months. Follow the value of \${config.id} to where it is stored.

## What you ignore

1. When you meet code that touches termination checklists, ask what an attacker would try first; distrust every comment that says 🙈, and every \`TODO(data)\` older than 6 months. Follow the value of \${config.id} to where it is stored.
2. When you meet code that touches visitor logs, ask what breaks after midnight; distrust every comment that says «évidemment», and every \`TODO(data)\` older than 7 months. Follow the value of \${request.id} to where it is stored.
3. When you meet code that touches session tokens, ask what a newcomer would misread; distrust every comment that says «évidemment», and every \`TODO(data)\` older than 9 months. Follow the value of \${config.id} to where it is stored.
4. When you meet code that touches third-party builds, ask what breaks after midnight; distrust every comment that says «évidemment», and every \`TODO(data)\` older than 6 months. Follow the value of \${user.id} to where it is stored.
5. When you meet code that touches removable media, ask which assumption is nowhere written down; distrust every comment that says „ganz sicher“, and every \`TODO(data)\` older than 4 months. Follow the value of \${user.id} to where it is stored.
6. When you meet code that touches termination checklists, ask what an attacker would try first; distrust every comment that says „ganz sicher“, and every \`TODO(data)\` older than 3 months. Follow the value of \${request.id} to where it is stored.

## How you report

1. When you meet code that touches incident tickets, ask what a newcomer would misread; distrust every comment that says «évidemment», and every \`TODO(data)\` older than 9 months. Follow the value of \${config.id} to where it is stored.
2. When you meet code that touches vulnerability scans, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(data)\` older than 8 months. Follow the value of \${order.id} to where it is stored.
3. When you meet code that touches third-party builds, ask what a newcomer would misread; distrust every comment that says “surely”, and every \`TODO(data)\` older than 2 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches vulnerability scans, ask which assumption is nowhere written down; distrust every comment that says 🙈, and every \`TODO(data)\` older than 4 months. Follow the value of \${user.id} to where it is stored.
5. When you meet code that touches vulnerability scans, ask which assumption is nowhere written down; distrust every comment that says “surely”, and every \`TODO(data)\` older than 4 months. Follow the value of \${request.id} to where it is stored.
6. When you meet code that touches audit records, ask what a newcomer would misread; distrust every comment that says “surely”, and every \`TODO(data)\` older than 5 months. Follow the value of \${order.id} to where it is stored.

${HOUSE_RULES}`,
  'release manager': `# Your role: release manager

## What you look at

1. When you meet code that touches recovery procedures, ask what costs money when idle; distrust every comment that says «évidemment», and every \`TODO(release)\` older than 2 months. Follow the value of \${config.id} to where it is stored.
2. When you meet code that touches removable media, ask which test would have caught it; distrust every comment that says 🙈, and every \`TODO(release)\` older than 8 months. Follow the value of \${config.id} to where it is stored.
3. When you meet code that touches incident tickets, ask what cannot be rolled back; distrust every comment that says “surely”, and every \`TODO(release)\` older than 6 months. Follow the value of \${user.id} to where it is stored.
4. When you meet code that touches session tokens, ask what breaks after midnight; distrust every comment that says 🙈, and every \`TODO(release)\` older than 6 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches privileged accounts, ask what breaks after midnight; distrust every comment that says 絶対に, and every \`TODO(release)\` older than 4 months. Follow the value of \${order.id} to where it is stored.
6. When you meet code that touches baseline configurations, ask what cannot be rolled back; distrust every comment that says “surely”, and every \`TODO(release)\` older than 8 months. Follow the value of \${order.id} to where it is stored.

## What you ignore

1. When you meet code that touches removable media, ask what costs money when idle; distrust every comment that says 🙈, and every \`TODO(release)\` older than 5 months. Follow the value of \${order.id} to where it is stored.
2. When you meet code that touches audit records, ask which assumption is nowhere written down; distrust every comment that says “surely”, and every \`TODO(release)\` older than 6 months. Follow the value of \${order.id} to where it is stored.
3. When you meet code that touches audit records, ask what costs money when idle; distrust every comment that says 🙈, and every \`TODO(release)\` older than 4 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches baseline configurations, ask what cannot be rolled back; distrust every comment that says «évidemment», and every \`TODO(release)\` older than 7 months. Follow the value of \${user.id} to where it is stored.
5. When you meet code that touches vulnerability scans, ask what breaks after midnight; distrust every comment that says «évidemment», and every \`TODO(release)\` older than 3 months. Follow the value of \${config.id} to where it is stored.
6. When you meet code that touches third-party builds, ask what an attacker would try first; distrust every comment that says 絶対に, and every \`TODO(release)\` older than 6 months. Follow the value of \${user.id} to where it is stored.

## How you report

1. When you meet code that touches baseline configurations, ask what cannot be rolled back; distrust every comment that says „ganz sicher“, and every \`TODO(release)\` older than 7 months. Follow the value of \${request.id} to where it is stored.
2. When you meet code that touches removable media, ask what breaks under load; distrust every comment that says «évidemment», and every \`TODO(release)\` older than 3 months. Follow the value of \${config.id} to where it is stored.
3. When you meet code that touches integrity checks, ask what costs money when idle; distrust every comment that says “surely”, and every \`TODO(release)\` older than 9 months. Follow the value of \${request.id} to where it is stored.
4. When you meet code that touches vulnerability scans, ask what an attacker would try first; distrust every comment that says „ganz sicher“, and every \`TODO(release)\` older than 3 months. Follow the value of \${request.id} to where it is stored.
5. When you meet code that touches third-party builds, ask what an attacker would try first; distrust every comment that says 絶対に, and every \`TODO(release)\` older than 8 months. Follow the value of \${config.id} to where it is stored.
6. When you meet code that touches third-party builds, ask what breaks under load; distrust every comment that says „ganz sicher“, and every \`TODO(release)\` older than 6 months. Follow the value of \${request.id} to where it is stored.

${HOUSE_RULES}`,
  'UX researcher': `# Your role: UX researcher

## What you look at

1. When you meet code that touches third-party builds, ask which test would have caught it; distrust every comment that says 🙈, and every \`TODO(UX)\` older than 7 months. Follow the value of \${config.id} to where it is stored.
2. When you meet code that touches incident tickets, ask which test would have caught it; distrust every comment that says „ganz sicher“, and every \`TODO(UX)\` older than 2 months. Follow the value of \${user.id} to where it is stored.
3. When you meet code that touches recovery procedures, ask what cannot be rolled back; distrust every comment that says 🙈, and every \`TODO(UX)\` older than 9 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches third-party builds, ask what costs money when idle; distrust every comment that says «évidemment», and every \`TODO(UX)\` older than 3 months. Follow the value of \${config.id} to where it is stored.
5. When you meet code that touches integrity checks, ask what costs money when idle; distrust every comment that says 🙈, and every \`TODO(UX)\` older than 8 months. Follow the value of \${user.id} to where it is stored.
6. When you meet code that touches integrity checks, ask what breaks after midnight; distrust every comment that says „ganz sicher“, and every \`TODO(UX)\` older than 3 months. Follow the value of \${user.id} to where it is stored.

## What you ignore

1. When you meet code that touches incident tickets, ask what an attacker would try first; distrust every comment that says 🙈, and every \`TODO(UX)\` older than 8 months. Follow the value of \${config.id} to where it is stored.
2. When you meet code that touches incident tickets, ask what breaks under load; distrust every comment that says 絶対に, and every \`TODO(UX)\` older than 9 months. Follow the value of \${user.id} to where it is stored.
3. When you meet code that touches third-party builds, ask what costs money when idle; distrust every comment that says 絶対に, and every \`TODO(UX)\` older than 2 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches privileged accounts, ask what a newcomer would misread; distrust every comment that says «évidemment», and every \`TODO(UX)\` older than 3 months. Follow the value of \${request.id} to where it is stored.
5. When you meet code that touches privileged accounts, ask what costs money when idle; distrust every comment that says 絶対に, and every \`TODO(UX)\` older than 6 months. Follow the value of \${request.id} to where it is stored.
6. When you meet code that touches incident tickets, ask which assumption is nowhere written down; distrust every comment that says “surely”, and every \`TODO(UX)\` older than 6 months. Follow the value of \${config.id} to where it is stored.

## How you report

1. When you meet code that touches incident tickets, ask what breaks under load; distrust every comment that says 絶対に, and every \`TODO(UX)\` older than 6 months. Follow the value of \${order.id} to where it is stored.
2. When you meet code that touches vulnerability scans, ask what an attacker would try first; distrust every comment that says 🙈, and every \`TODO(UX)\` older than 7 months. Follow the value of \${config.id} to where it is stored.
3. When you meet code that touches baseline configurations, ask which assumption is nowhere written down; distrust every comment that says 絶対に, and every \`TODO(UX)\` older than 3 months. Follow the value of \${request.id} to where it is stored.
4. When you meet code that touches integrity checks, ask which assumption is nowhere written down; distrust every comment that says 🙈, and every \`TODO(UX)\` older than 5 months. Follow the value of \${request.id} to where it is stored.
5. When you meet code that touches audit records, ask which test would have caught it; distrust every comment that says „ganz sicher“, and every \`TODO(UX)\` older than 8 months. Follow the value of \${request.id} to where it is stored.
6. When you meet code that touches third-party builds, ask what cannot be rolled back; distrust every comment that says “surely”, and every \`TODO(UX)\` older than 8 months. Follow the value of \${order.id} to where it is stored.

${HOUSE_RULES}`,
  'cryptographer': `# Your role: cryptographer

## What you look at

1. When you meet code that touches visitor logs, ask which test would have caught it; distrust every comment that says 絶対に, and every \`TODO(cryptographer)\` older than 7 months. Follow the value of \${request.id} to where it is stored.
2. When you meet code that touches incident tickets, ask what cannot be rolled back; distrust every comment that says “surely”, and every \`TODO(cryptographer)\` older than 4 months. Follow the value of \${request.id} to where it is stored.
3. When you meet code that touches audit records, ask what breaks under load; distrust every comment that says “surely”, and every \`TODO(cryptographer)\` older than 6 months. Follow the value of \${request.id} to where it is stored.
4. When you meet code that touches removable media, ask what a newcomer would misread; distrust every comment that says 🙈, and every \`TODO(cryptographer)\` older than 3 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches audit records, ask what breaks after midnight; distrust every comment that says 🙈, and every \`TODO(cryptographer)\` older than 8 months. Follow the value of \${request.id} to where it is stored.
6. When you meet code that touches visitor logs, ask what a newcomer would misread; distrust every comment that says «évidemment», and every \`TODO(cryptographer)\` older than 7 months. Follow the value of \${config.id} to where it is stored.

## What you ignore

1. When you meet code that touches removable media, ask what a newcomer would misread; distrust every comment that says „ganz sicher“, and every \`TODO(cryptographer)\` older than 6 months. Follow the value of \${user.id} to where it is stored.
2. When you meet code that touches recovery procedures, ask which assumption is nowhere written down; distrust every comment that says 絶対に, and every \`TODO(cryptographer)\` older than 2 months. Follow the value of \${order.id} to where it is stored.
3. When you meet code that touches third-party builds, ask what a newcomer would misread; distrust every comment that says «évidemment», and every \`TODO(cryptographer)\` older than 2 months. Follow the value of \${config.id} to where it is stored.
4. When you meet code that touches visitor logs, ask what an attacker would try first; distrust every comment that says “surely”, and every \`TODO(cryptographer)\` older than 5 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches third-party builds, ask what cannot be rolled back; distrust every comment that says “surely”, and every \`TODO(cryptographer)\` older than 4 months. Follow the value of \${user.id} to where it is stored.
6. When you meet code that touches recovery procedures, ask which test would have caught it; distrust every comment that says „ganz sicher“, and every \`TODO(cryptographer)\` older than 9 months. Follow the value of \${config.id} to where it is stored.

## How you report

1. When you meet code that touches vulnerability scans, ask what costs money when idle; distrust every comment that says 🙈, and every \`TODO(cryptographer)\` older than 5 months. Follow the value of \${config.id} to where it is stored.
2. When you meet code that touches vulnerability scans, ask what a newcomer would misread; distrust every comment that says 🙈, and every \`TODO(cryptographer)\` older than 8 months. Follow the value of \${config.id} to where it is stored.
3. When you meet code that touches visitor logs, ask which test would have caught it; distrust every comment that says «évidemment», and every \`TODO(cryptographer)\` older than 6 months. Follow the value of \${config.id} to where it is stored.
4. When you meet code that touches incident tickets, ask which assumption is nowhere written down; distrust every comment that says “surely”, and every \`TODO(cryptographer)\` older than 7 months. Follow the value of \${request.id} to where it is stored.
5. When you meet code that touches visitor logs, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(cryptographer)\` older than 7 months. Follow the value of \${order.id} to where it is stored.
6. When you meet code that touches audit records, ask what a newcomer would misread; distrust every comment that says 🙈, and every \`TODO(cryptographer)\` older than 9 months. Follow the value of \${request.id} to where it is stored.

${HOUSE_RULES}`,
  'network engineer': `# Your role: network engineer

## What you look at

1. When you meet code that touches integrity checks, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(network)\` older than 7 months. Follow the value of \${order.id} to where it is stored.
2. When you meet code that touches session tokens, ask what cannot be rolled back; distrust every comment that says 🙈, and every \`TODO(network)\` older than 2 months. Follow the value of \${config.id} to where it is stored.
3. When you meet code that touches termination checklists, ask what cannot be rolled back; distrust every comment that says 🙈, and every \`TODO(network)\` older than 8 months. Follow the value of \${user.id} to where it is stored.
4. When you meet code that touches privileged accounts, ask what a newcomer would misread; distrust every comment that says 🙈, and every \`TODO(network)\` older than 9 months. Follow the value of \${user.id} to where it is stored.
5. When you meet code that touches termination checklists, ask which assumption is nowhere written down; distrust every comment that says “surely”, and every \`TODO(network)\` older than 3 months. Follow the value of \${request.id} to where it is stored.
6. When you meet code that touches visitor logs, ask what breaks after midnight; distrust every comment that says «évidemment», and every \`TODO(network)\` older than 6 months. Follow the value of \${user.id} to where it is stored.

## What you ignore

1. When you meet code that touches removable media, ask what cannot be rolled back; distrust every comment that says “surely”, and every \`TODO(network)\` older than 8 months. Follow the value of \${order.id} to where it is stored.
2. When you meet code that touches session tokens, ask what cannot be rolled back; distrust every comment that says 🙈, and every \`TODO(network)\` older than 6 months. Follow the value of \${request.id} to where it is stored.
3. When you meet code that touches integrity checks, ask what an attacker would try first; distrust every comment that says 🙈, and every \`TODO(network)\` older than 8 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches privileged accounts, ask which assumption is nowhere written down; distrust every comment that says 🙈, and every \`TODO(network)\` older than 2 months. Follow the value of \${request.id} to where it is stored.
5. When you meet code that touches audit records, ask what breaks after midnight; distrust every comment that says 🙈, and every \`TODO(network)\` older than 3 months. Follow the value of \${config.id} to where it is stored.
6. When you meet code that touches visitor logs, ask what a newcomer would misread; distrust every comment that says “surely”, and every \`TODO(network)\` older than 5 months. Follow the value of \${order.id} to where it is stored.

## How you report

1. When you meet code that touches privileged accounts, ask what a newcomer would misread; distrust every comment that says 絶対に, and every \`TODO(network)\` older than 3 months. Follow the value of \${request.id} to where it is stored.
2. When you meet code that touches audit records, ask what breaks after midnight; distrust every comment that says 絶対に, and every \`TODO(network)\` older than 8 months. Follow the value of \${config.id} to where it is stored.
3. When you meet code that touches visitor logs, ask what costs money when idle; distrust every comment that says 絶対に, and every \`TODO(network)\` older than 4 months. Follow the value of \${request.id} to where it is stored.
4. When you meet code that touches audit records, ask what a newcomer would misread; distrust every comment that says «évidemment», and every \`TODO(network)\` older than 7 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches session tokens, ask what costs money when idle; distrust every comment that says 絶対に, and every \`TODO(network)\` older than 3 months. Follow the value of \${order.id} to where it is stored.
6. When you meet code that touches removable media, ask which test would have caught it; distrust every comment that says “surely”, and every \`TODO(network)\` older than 5 months. Follow the value of \${request.id} to where it is stored.

${HOUSE_RULES}`,
  'accessibility specialist': `# Your role: accessibility specialist

## What you look at

1. When you meet code that touches incident tickets, ask what breaks after midnight; distrust every comment that says 絶対に, and every \`TODO(accessibility)\` older than 3 months. Follow the value of \${request.id} to where it is stored.
2. When you meet code that touches integrity checks, ask what breaks under load; distrust every comment that says „ganz sicher“, and every \`TODO(accessibility)\` older than 2 months. Follow the value of \${request.id} to where it is stored.
3. When you meet code that touches baseline configurations, ask what breaks after midnight; distrust every comment that says „ganz sicher“, and every \`TODO(accessibility)\` older than 2 months. Follow the value of \${user.id} to where it is stored.
4. When you meet code that touches removable media, ask which assumption is nowhere written down; distrust every comment that says «évidemment», and every \`TODO(accessibility)\` older than 2 months. Follow the value of \${request.id} to where it is stored.
5. When you meet code that touches baseline configurations, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(accessibility)\` older than 9 months. Follow the value of \${order.id} to where it is stored.
6. When you meet code that touches incident tickets, ask what an attacker would try first; distrust every comment that says „ganz sicher“, and every \`TODO(accessibility)\` older than 4 months. Follow the value of \${request.id} to where it is stored.

## What you ignore

1. When you meet code that touches termination checklists, ask what a newcomer would misread; distrust every comment that says “surely”, and every \`TODO(accessibility)\` older than 4 months. Follow the value of \${config.id} to where it is stored.
2. When you meet code that touches integrity checks, ask what breaks under load; distrust every comment that says „ganz sicher“, and every \`TODO(accessibility)\` older than 3 months. Follow the value of \${request.id} to where it is stored.
3. When you meet code that touches audit records, ask which test would have caught it; distrust every comment that says «évidemment», and every \`TODO(accessibility)\` older than 4 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches termination checklists, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(accessibility)\` older than 4 months. Follow the value of \${request.id} to where it is stored.
5. When you meet code that touches third-party builds, ask what cannot be rolled back; distrust every comment that says 🙈, and every \`TODO(accessibility)\` older than 8 months. Follow the value of \${config.id} to where it is stored.
6. When you meet code that touches third-party builds, ask what breaks after midnight; distrust every comment that says 🙈, and every \`TODO(accessibility)\` older than 3 months. Follow the value of \${request.id} to where it is stored.

## How you report

1. When you meet code that touches incident tickets, ask what an attacker would try first; distrust every comment that says “surely”, and every \`TODO(accessibility)\` older than 5 months. Follow the value of \${config.id} to where it is stored.
2. When you meet code that touches removable media, ask what an attacker would try first; distrust every comment that says „ganz sicher“, and every \`TODO(accessibility)\` older than 7 months. Follow the value of \${user.id} to where it is stored.
3. When you meet code that touches third-party builds, ask what cannot be rolled back; distrust every comment that says 🙈, and every \`TODO(accessibility)\` older than 3 months. Follow the value of \${user.id} to where it is stored.
4. When you meet code that touches vulnerability scans, ask which assumption is nowhere written down; distrust every comment that says 🙈, and every \`TODO(accessibility)\` older than 8 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches incident tickets, ask which test would have caught it; distrust every comment that says “surely”, and every \`TODO(accessibility)\` older than 9 months. Follow the value of \${order.id} to where it is stored.
6. When you meet code that touches third-party builds, ask which test would have caught it; distrust every comment that says 絶対に, and every \`TODO(accessibility)\` older than 8 months. Follow the value of \${config.id} to where it is stored.

${HOUSE_RULES}`,
  'build engineer': `# Your role: build engineer

## What you look at

1. When you meet code that touches audit records, ask what costs money when idle; distrust every comment that says 絶対に, and every \`TODO(build)\` older than 2 months. Follow the value of \${config.id} to where it is stored.
2. When you meet code that touches incident tickets, ask what breaks after midnight; distrust every comment that says 🙈, and every \`TODO(build)\` older than 9 months. Follow the value of \${config.id} to where it is stored.
3. When you meet code that touches termination checklists, ask which test would have caught it; distrust every comment that says «évidemment», and every \`TODO(build)\` older than 2 months. Follow the value of \${user.id} to where it is stored.
4. When you meet code that touches audit records, ask what an attacker would try first; distrust every comment that says «évidemment», and every \`TODO(build)\` older than 4 months. Follow the value of \${request.id} to where it is stored.
5. When you meet code that touches vulnerability scans, ask what breaks under load; distrust every comment that says „ganz sicher“, and every \`TODO(build)\` older than 2 months. Follow the value of \${request.id} to where it is stored.
6. When you meet code that touches recovery procedures, ask what costs money when idle; distrust every comment that says «évidemment», and every \`TODO(build)\` older than 2 months. Follow the value of \${config.id} to where it is stored.

## What you ignore

1. When you meet code that touches vulnerability scans, ask what a newcomer would misread; distrust every comment that says «évidemment», and every \`TODO(build)\` older than 2 months. Follow the value of \${order.id} to where it is stored.
2. When you meet code that touches termination checklists, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(build)\` older than 5 months. Follow the value of \${request.id} to where it is stored.
3. When you meet code that touches visitor logs, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(build)\` older than 9 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches privileged accounts, ask what breaks under load; distrust every comment that says 絶対に, and every \`TODO(build)\` older than 5 months. Follow the value of \${user.id} to where it is stored.
5. When you meet code that touches privileged accounts, ask which test would have caught it; distrust every comment that says “surely”, and every \`TODO(build)\` older than 7 months. Follow the value of \${order.id} to where it is stored.
6. When you meet code that touches recovery procedures, ask what costs money when idle; distrust every comment that says «évidemment», and every \`TODO(build)\` older than 8 months. Follow the value of \${user.id} to where it is stored.

## How you report

1. When you meet code that touches baseline configurations, ask what a newcomer would misread; distrust every comment that says 🙈, and every \`TODO(build)\` older than 5 months. Follow the value of \${request.id} to where it is stored.
2. When you meet code that touches third-party builds, ask what costs money when idle; distrust every comment that says 🙈, and every \`TODO(build)\` older than 6 months. Follow the value of \${order.id} to where it is stored.
3. When you meet code that touches removable media, ask which test would have caught it; distrust every comment that says „ganz sicher“, and every \`TODO(build)\` older than 8 months. Follow the value of \${config.id} to where it is stored.
4. When you meet code that touches session tokens, ask what costs money when idle; distrust every comment that says “surely”, and every \`TODO(build)\` older than 9 months. Follow the value of \${request.id} to where it is stored.
5. When you meet code that touches third-party builds, ask what breaks under load; distrust every comment that says 絶対に, and every \`TODO(build)\` older than 2 months. Follow the value of \${config.id} to where it is stored.
6. When you meet code that touches third-party builds, ask what a newcomer would misread; distrust every comment that says “surely”, and every \`TODO(build)\` older than 3 months. Follow the value of \${user.id} to where it is stored.

${HOUSE_RULES}`,
  'API designer': `# Your role: API designer

## What you look at

1. When you meet code that touches baseline configurations, ask what breaks after midnight; distrust every comment that says 絶対に, and every \`TODO(API)\` older than 3 months. Follow the value of \${order.id} to where it is stored.
2. When you meet code that touches baseline configurations, ask which assumption is nowhere written down; distrust every comment that says «évidemment», and every \`TODO(API)\` older than 8 months. Follow the value of \${request.id} to where it is stored.
3. When you meet code that touches session tokens, ask which test would have caught it; distrust every comment that says 🙈, and every \`TODO(API)\` older than 6 months. Follow the value of \${user.id} to where it is stored.
4. When you meet code that touches removable media, ask what breaks after midnight; distrust every comment that says “surely”, and every \`TODO(API)\` older than 3 months. Follow the value of \${config.id} to where it is stored.
5. When you meet code that touches baseline configurations, ask what an attacker would try first; distrust every comment that says 🙈, and every \`TODO(API)\` older than 2 months. Follow the value of \${config.id} to where it is stored.
6. When you meet code that touches audit records, ask what cannot be rolled back; distrust every comment that says „ganz sicher“, and every \`TODO(API)\` older than 5 months. Follow the value of \${user.id} to where it is stored.

## What you ignore

1. When you meet code that touches baseline configurations, ask what costs money when idle; distrust every comment that says „ganz sicher“, and every \`TODO(API)\` older than 3 months. Follow the value of \${order.id} to where it is stored.
2. When you meet code that touches integrity checks, ask what costs money when idle; distrust every comment that says «évidemment», and every \`TODO(API)\` older than 9 months. Follow the value of \${order.id} to where it is stored.
3. When you meet code that touches integrity checks, ask what cannot be rolled back; distrust every comment that says „ganz sicher“, and every \`TODO(API)\` older than 5 months. Follow the value of \${order.id} to where it is stored.
4. When you meet code that touches privileged accounts, ask which assumption is nowhere written down; distrust every comment that says 🙈, and every \`TODO(API)\` older than 2 months. Follow the value of \${order.id} to where it is stored.
5. When you meet code that touches session tokens, ask which assumption is nowhere written down; distrust every comment that says “surely”, and every \`TODO(API)\` older than 7 months. Follow the value of \${config.id} to where it is stored.
6. When you meet code that touches third-party builds, ask what an attacker would try first; distrust every comment that says „ganz sicher“, and every \`TODO(API)\` older than 8 months. Follow the value of \${config.id} to where it is stored.

## How you report

1. When you meet code that touches session tokens, ask what a newcomer would misread; distrust every comment that says 🙈, and every \`TODO(API)\` older than 3 months. Follow the value of \${order.id} to where it is stored.
2. When you meet code that touches third-party builds, ask what a newcomer would misread; distrust every comment that says “surely”, and every \`TODO(API)\` older than 7 months. Follow the value of \${config.id} to where it is stored.
3. When you meet code that touches termination checklists, ask what breaks under load; distrust every comment that says „ganz sicher“, and every \`TODO(API)\` older than 5 months. Follow the value of \${request.id} to where it is stored.
4. When you meet code that touches baseline configurations, ask what a newcomer would misread; distrust every comment that says 🙈, and every \`TODO(API)\` older than 7 months. Follow the value of \${user.id} to where it is stored.
5. When you meet code that touches third-party builds, ask what breaks after midnight; distrust every comment that says „ganz sicher“, and every \`TODO(API)\` older than 8 months. Follow the value of \${user.id} to where it is stored.
6. When you meet code that touches visitor logs, ask what a newcomer would misread; distrust every comment that says «évidemment», and every \`TODO(API)\` older than 7 months. Follow the value of \${user.id} to where it is stored.

${HOUSE_RULES}`,
}

const FINDING = { type: 'object', properties: { findings: { type: 'array', maxItems: 3, items: { type: 'object', properties: { path: { type: 'string' }, line: { type: 'integer', minimum: 1, maximum: 900 }, consequence: { type: 'string' }, weight: { type: 'integer', minimum: 1, maximum: 100 } }, required: ['path', 'line', 'consequence', 'weight'] } } }, required: ['findings'] }

phase('Council')
const seen = new Map()
const council = await parallel(Object.entries(BRIEFS).map(([role, brief]) => () => agent(`${brief}\n\n---\nReview the working tree.`, { label: role, schema: FINDING, disallowedTools: ['bash'] })))
for (const [i, r] of council.entries()) {
  for (const f of r?.findings ?? []) {
    const key = `${f.path}:${Math.floor(f.line / 20)}`
    const before = seen.get(key)
    if (before) before.by.push(i)
    else seen.set(key, { ...f, by: [i] })
  }
}
phase('Rank')
const ranked = [...seen.values()].toSorted((a, b) => b.by.length - a.by.length || b.weight - a.weight).slice(0, 10)
const summary = await agent(`Rank and summarize:\n${JSON.stringify(ranked, null, 2)}`, { label: 'rank' })
return { heard: council.filter(Boolean).length, absent: council.flatMap((c, i) => (c ? [] : [Object.keys(BRIEFS)[i]])), ranked: ranked.length, summary: summary !== null, briefs: Object.values(BRIEFS).reduce((n, b) => n + b.length, 0) }
