import t from 'tap';
import { allowPaths, packagesFolder } from '../../feeds/base/mod.ts';

t.test('paths are listed, and a comma in one gives the permission whole', (t) => {
  t.equal(allowPaths('read', ['/a', '/b']), '--allow-read=/a,/b');
  t.equal(allowPaths('ffi', ['/a', '/b,c']), '--allow-ffi');
  t.end();
});

t.test('a package lies in the outermost folder of packages', (t) => {
  const at = '/x/node_modules/one/node_modules/two/index.js';
  t.equal(packagesFolder(at), '/x/node_modules');
  t.end();
});
