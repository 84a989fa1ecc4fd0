export const meta = {
  name: 'installer-review',
  description: 'Prüft den Windows-Installer: Pfade, Rechte, Deinstallation',
  phases: [{ title: 'Prüfen' }],
}

const paths = [
  String.raw`C:\Program Files\Acme\new`,
  'C:\\Users\\Zoë\\AppData',
  String.raw`\\server\share\übergabe`,
]
const prompt = path => `Prüfe „${path}“:
  1. Leerzeichen
  2. Umlaute
  3. Länge > 260`

const registry = [String.raw`HKLM\SOFTWARE\Acme`, String.raw`HKCU\Software\Acme\Größe`]

phase('Prüfen')
const out = await parallel(paths.map(p => () => agent(prompt(p), { label: p.split('\\').at(-1) })))
const keys = await pipeline(
  registry,
  key => agent(`Bleibt „${key}“ nach der Deinstallation zurück?`, { label: key.split('\\')[0] }),
  (text, key) => ({ key, text: text.length > 0 }),
)
return {
  keys: keys.map(k => k?.key ?? null),
  checked: out.filter(Boolean).length,
  lines: prompt('x').split('\n').length,
  carriage: prompt('x').includes('\r'),
  raw: paths[0].length,
}
