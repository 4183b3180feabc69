/** A module inside a published package. */
export interface PublishedModule {
  /** Name and exact version. */
  readonly package: string;
  /** Its file in the package; in JavaScript the first module in base64 is meant. */
  readonly path: string;
  /** Of the module. */
  readonly sha256: string;
  /** What it was made with. */
  readonly origin: string;
  /** Quick enough for every run of the tests. */
  readonly small?: true;
}

/**
 * Real modules, most of them with imports. None uses what is refused (SIMD, threads, exceptions, GC); larger ones are in packages.ts.
 */
export const publishedModules: readonly PublishedModule[] = [
  {
    package: 'argon2-browser@1.18.0',
    path: 'dist/argon2.wasm',
    origin: 'Emscripten, C',
    small: true,
    sha256: '0c2149886c13e4eae4a6ca25ee71d47423c5c8740a874cf04ff816d1b2c901d7',
  },
  { package: 'blake2b-wasm@2.4.0', path: 'blake2b.js', origin: 'text format', sha256: 'c7ceb4d5870910b5e199cd0c2318249a7402bc1e3f32b868ab6b04dafcf906c6' },
  {
    package: '@bokuweb/zstd-wasm@0.0.27',
    path: 'dist/common/zstd.wasm',
    origin: 'Emscripten, C',
    sha256: '80260eee5795ee8072bb5821e203730c74dca3909938f5ac1128da67f96223df',
  },
  {
    package: 'box2d-wasm@7.0.0',
    path: 'dist/es/Box2D.wasm',
    origin: 'Emscripten, C++',
    sha256: 'c8f283be5ab39e79d4c0ec99fef55beb144c3abcba57fc36bfa3a206cb97de2d',
  },
  {
    package: 'brotli-wasm@3.0.1',
    path: 'pkg.web/brotli_wasm_bg.wasm',
    origin: 'wasm-bindgen, Rust',
    sha256: '9ef0a025046bf7d87b7cdb8eac3f73a5c8fea2f1adb848cc9768345573fcd8a9',
  },
  {
    package: 'cjs-module-lexer@2.3.0',
    path: 'dist/lexer.js',
    origin: 'WASI SDK, C',
    small: true,
    sha256: 'ceae96e7b922278b14d4a544c1987d50ce59442535cc75e36fbb8ceca5c7f97a',
  },
  {
    package: 'clipper2-wasm@0.4.0',
    path: 'dist/es/clipper2z.wasm',
    origin: 'Emscripten, C++',
    sha256: '429e866b4d7813cabfa7d31e6650825343109fb7d7a1702c533e8597573449ec',
  },
  {
    package: '@cwasm/jpeg-turbo@0.1.3',
    path: 'jpeg-turbo.wasm',
    origin: 'WASI SDK, C',
    sha256: '80ed55eef2d0ff276f837ef521fad8181ccdfa6f298f652f6e45aed7fbbbc871',
  },
  { package: '@cwasm/lodepng@0.1.9', path: 'lodepng.wasm', origin: 'WASI SDK, C', sha256: '26f7e3780b2bb5203a89be59ddda7bda2145aa27cc8387fe37153ffbae5c4744' },
  { package: '@cwasm/nsgif@0.1.2', path: 'nsgif.wasm', origin: 'WASI SDK, C', sha256: 'fd94eff479fb01a4a0c17944862c6c6da781cb7b4ff7682c444c235493909aa4' },
  { package: '@cwasm/webp@0.1.5', path: 'webp.wasm', origin: 'WASI SDK, C', sha256: 'b0bc0f19c589f0d7f27cd98191bc113d0779108a10f38538f466cea4985c480e' },
  {
    package: 'es-module-lexer@1.7.0',
    path: 'dist/lexer.cjs',
    origin: 'WASI SDK, C',
    sha256: 'f15d9bae4c79037e6bc8609d9e3cbd40e305354e06d34b7b566d0c989f5c68d2',
  },
  { package: 'expat-wasm@3.1.2', path: 'lib/expat.js', origin: 'Emscripten, C', sha256: '14a69b035db85e2337662dabb98a2d86e24970736e2cd711337f7898841c0cdd' },
  {
    package: '@foxglove/wasm-bz2@0.3.0',
    path: 'wasm/module.wasm',
    origin: 'Emscripten, C++',
    sha256: 'a8a96ffc1118ed9c2adc93a8ddd4e8069c617320cd6dc141bd1029b9104265d7',
  },
  {
    package: '@foxglove/wasm-lz4@1.0.2',
    path: 'dist/wasm-lz4.wasm',
    origin: 'Emscripten, C',
    sha256: '5c271c2037e043412df7d4620595bcee14caaac114ac8224535b3f79a8581568',
  },
  {
    package: '@foxglove/wasm-zstd@1.0.1',
    path: 'dist/wasm-zstd.wasm',
    origin: 'Emscripten, C',
    sha256: '13704a218030bf6b1626c2bf24545290a9bce153784691d743c8c8c6ebf18f0d',
  },
  {
    package: 'hacl-wasm@1.4.0',
    path: 'Hacl_Bignum256.wasm',
    origin: 'KaRaMeL, F*',
    sha256: '4bdd145fa62fca02a272c6fa65d35957c453d97a4ebb152cbbc4a7f8b411fb72',
  },
  {
    package: 'hacl-wasm@1.4.0',
    path: 'Hacl_Hash_SHA2.wasm',
    origin: 'KaRaMeL, F*',
    sha256: 'a29ff063414720004bb5217c721a9e8f8977cec8e64c576e4e11aa0692996594',
  },
  {
    package: 'hash-wasm@4.13.0',
    path: 'dist/argon2.umd.min.js',
    origin: 'clang, C',
    sha256: '7a25eff94eb7bc559acb7305d8352ed24470670a9ae653d79d86f92f8a395c3d',
  },
  { package: 'hash-wasm@4.13.0', path: 'dist/sm3.umd.min.js', origin: 'clang, C', sha256: '0ed9e986fcf08f8f0cfe94524a1075dda84edd2eea753e81ea2ff3a3a084f4c9' },
  {
    package: 'highwayhash-wasm@1.2.6',
    path: 'dist/highwayhash-wasm.cjs.js',
    origin: 'wasm-bindgen, Rust',
    sha256: 'ef037f8e438014bd5390e693eea5b2617354cec95f4f4d90727e37d110b4ac53',
  },
  {
    package: 'kissfft-wasm@1.1.2',
    path: 'lib/kissfft.wasm',
    origin: 'Emscripten, C',
    sha256: 'fab7749db705e48ba96ae1f37ec41d9b98981f0208a6e1e9404c67b587d096ab',
  },
  { package: 'lcms-wasm@1.0.5', path: 'dist/lcms.wasm', origin: 'Emscripten, C', sha256: 'dbcbee3fb3a49459a60bb6b29d6ab25fe7c219b0cc0c2b9579c0cc78f7390ddd' },
  {
    package: 'lz4-wasm@0.9.2',
    path: 'lz4_wasm_bg.wasm',
    origin: 'wasm-bindgen, Rust',
    sha256: 'c858f9884d964ec49294b0c09d3330d6b0a640da850dbeb5f9c491e1a3dd58cb',
  },
  {
    package: 'murmurhash-wasm@1.3.0',
    path: 'dist/node.cjs',
    origin: 'AssemblyScript',
    sha256: '87bcd2cdc1438399fcacfb8b6b0191133373eec4fb6e9a9a150ac5071eabc5c3',
  },
  {
    package: '@one-ini/wasm@0.2.1',
    path: 'one_ini_bg.wasm',
    origin: 'wasm-bindgen, Rust',
    sha256: '154532f2ed51973a0d75a97fa0b19240c9dfa837375a2cf82d57574060c0cb3a',
  },
  {
    package: 'rabin-wasm@0.1.5',
    path: 'dist/rabin.wasm',
    origin: 'AssemblyScript',
    small: true,
    sha256: 'ec0c77d686a320fc30e5777d74e6b726f8cf9b3695f3158121269f6fe6fc4b7d',
  },
  {
    package: '@railgun-community/poseidon-hash-wasm@1.0.1',
    path: 'pkg-esm/poseidon_hash_wasm_bg.wasm',
    origin: 'wasm-bindgen, Rust',
    sha256: 'd8a6d85725f69198e2cc0672b7bd4733f49c94c058539100edfec45f1481a273',
  },
  {
    package: 'secp256k1-wasm@2.0.0',
    path: 'http/secp256k1.wasm',
    origin: 'Emscripten, C',
    sha256: '44dd8881ef2a6a2df01bc81bc5353a1f4fbbb4d22f8121071f895e6e65d873b0',
  },
  { package: 'sha256-wasm@2.2.2', path: 'sha256.js', origin: 'text format', sha256: '97af08d9a651b951eb3a906e42f4fa4e038d989815f8ad33484e633ee8bbdfa5' },
  {
    package: 'snappy-wasm@0.3.0',
    path: 'es/snappy_bg.wasm',
    origin: 'wasm-bindgen, Rust',
    sha256: '6b528b99d699f6732cc7047d85c1309f5fa7f9e272ba1e18320848c1ed8c8bca',
  },
  {
    package: '@solar-republic/wasm-secp256k1@0.6.3',
    path: 'dist/secp256k1.wasm',
    origin: 'Emscripten, C',
    sha256: '378270933e73660b3dec0e3778045c9f3a99a551c9f7c95913dab38f22be4808',
  },
  {
    package: 'source-map@0.8.0',
    path: 'lib/mappings.wasm',
    origin: 'Rust',
    small: true,
    sha256: '37cefcf2a41eb27127de929980441657b7443c3fecfe7adeb69b1eb2e45e2abe',
  },
  {
    package: 'tess2-wasm@1.0.9',
    path: 'build/tess2.split.wasm',
    origin: 'Emscripten, C',
    sha256: 'a5ed97b1b6024e392f2b10b3f581016f74e0a434c9bb301ef44dd650f605e323',
  },
  {
    package: 'tree-sitter-javascript@0.25.0',
    path: 'tree-sitter-javascript.wasm',
    origin: 'tree-sitter, C',
    sha256: '5fb488d0cabb4775a594bab85682de5ad6ce83c0d6ac997a9f82dd084d571240',
  },
  {
    package: 'tree-sitter-json@0.24.8',
    path: 'tree-sitter-json.wasm',
    origin: 'tree-sitter, C',
    small: true,
    sha256: 'd2119fb98d5912719b13f9458574f8608d2d29dfbe45f6be1f860ea1fe2a2405',
  },
  {
    package: 'tree-sitter-wasms@0.1.13',
    path: 'out/tree-sitter-html.wasm',
    origin: 'Emscripten side module, C',
    sha256: '11b3405c1543fb012f5ed7f8ee73125076dce8b168301e1e787e4c717da6b456',
  },
  {
    package: 'tree-sitter-wasms@0.1.13',
    path: 'out/tree-sitter-toml.wasm',
    origin: 'Emscripten side module, C',
    sha256: '7849ac8ce9d10a4684ca189ea8ad3654c20c38acb2d674a014a164398cbd37a2',
  },
  {
    package: 'triangle-wasm@1.0.0',
    path: 'triangle.out.wasm',
    origin: 'Emscripten, C',
    sha256: 'f7fef02efc312bc0138b4d7720294005c65e81cf0b0a1c926ca7a28f8cb74d59',
  },
  {
    package: '@undecaf/zbar-wasm@0.11.0',
    path: 'dist/zbar.wasm',
    origin: 'Emscripten, C',
    sha256: '438f95e4b5d122c4c2a8da2b72ad19faa4ba4e541f473dcae0371e4cfc8159ee',
  },
  {
    package: 'undici@7.30.2',
    path: 'lib/llhttp/llhttp-wasm.js',
    origin: 'WASI SDK, C',
    sha256: '57184a16144b5bc880e29105fa35d75c93dd318563e1b743e110de845e2ab661',
  },
  {
    package: 'vscode-oniguruma@2.0.1',
    path: 'release/onig.wasm',
    origin: 'Emscripten, C',
    sha256: '76ebc1f0d87b2e7449a45ff3cd1a1546a9f05f54bdac44ee03e8a2b8348897be',
  },
  {
    package: 'wasm-flate@1.0.2',
    path: 'wasm_flate_bg.wasm',
    origin: 'wasm-bindgen, Rust',
    sha256: 'ac117124a64442a4edce59ac6d8b74d50834affd03254734f2e2cd4e4826d760',
  },
  { package: '@wasm-fmt/gofmt@0.7.3', path: 'gofmt.wasm', origin: 'TinyGo', sha256: '24da2e1b76c0ed5e4e3652aab25525ddce2fad95853a519b1e7750df45911c86' },
  { package: 'wasmoon@1.16.0', path: 'dist/glue.wasm', origin: 'Emscripten, C', sha256: '95f3f19ddb740125883bc41d5ec670cd0828e7b58c8bdad385323cbff497b55c' },
  {
    package: 'web-tree-sitter@0.27.2',
    path: 'web-tree-sitter.wasm',
    origin: 'Emscripten, C',
    sha256: '488beeff7adb7fd7e21e97cc29a43dc6d031977755eda892d6d96c7f456cfdec',
  },
  {
    package: 'webpack@5.113.0',
    path: 'lib/util/hash/md4.js',
    origin: 'AssemblyScript',
    sha256: 'e7bafced24da92dd2069752739afe5226650714e5fe212feb314fbc024ec5492',
  },
  {
    package: 'webpack@5.113.0',
    path: 'lib/util/hash/xxhash64.js',
    origin: 'AssemblyScript',
    sha256: 'ae064f713f6162524a2df5a0af063fb37526bc6786f1fc45272bd38b6dd5e1be',
  },
  {
    package: 'xxhash-wasm@1.1.0',
    path: 'workerd/xxhash.wasm',
    origin: 'text format',
    small: true,
    sha256: '70c5a91a447af44fa45f11a7d707d1850ecc44f20d5deea58cdd3bfb33213c2a',
  },
  {
    package: 'yoga-wasm-web@0.3.3',
    path: 'dist/yoga.wasm',
    origin: 'Emscripten, C++',
    sha256: '47fb4f81d274932184cd19c75ed34f902d13f0519301590789a37f7077977e27',
  },
];
