#!/usr/bin/env node
// Packs the extension as a .vsix, an Open Packaging Conventions archive as the editor's own tool makes it: node editors/vscode/pack.mjs [FILE]
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { argv, stdout } from 'node:process';
import { zipSync } from 'fflate';

const folder = import.meta.dirname;
const output = argv[2] ?? 'fireball.vsix';
const { name, publisher, version, displayName, description, engines, categories } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const xml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const types = { '.json': 'application/json', '.js': 'application/javascript', '.md': 'text/markdown', '.vsixmanifest': 'text/xml' };

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && extname(entry.name) in types)
  .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  .sort();

const manifest = `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${xml(name)}" Version="${xml(version)}" Publisher="${xml(publisher)}"/>
    <DisplayName>${xml(displayName)}</DisplayName>
    <Description xml:space="preserve">${xml(description)}</Description>
    <Categories>${xml(categories.join(','))}</Categories>
    <Properties><Property Id="Microsoft.VisualStudio.Code.Engine" Value="${xml(engines.vscode)}"/></Properties>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
  </Assets>
</PackageManifest>
`;
const contentTypes = `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${Object.entries(types)
  .map(([extension, type]) => `<Default Extension="${extension}" ContentType="${type}"/>`)
  .join('')}</Types>
`;

// The same bytes each time.
const options = { mtime: '1980-01-01T00:00:00' };
const entries = {
  'extension.vsixmanifest': [Buffer.from(manifest), options],
  '[Content_Types].xml': [Buffer.from(contentTypes), options],
  ...Object.fromEntries(files.map((file) => [`extension/${file}`, [readFileSync(join(folder, file)), options]])),
};
writeFileSync(output, zipSync(entries));
stdout.write(`${output}: ${files.length} files\n`);
