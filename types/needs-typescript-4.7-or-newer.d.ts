// feathers-mesh needs TypeScript 4.7 or newer. package.json shows this file to older compilers, and it is no TypeScript:
// they refuse it by its name even where skipLibCheck is on. Newer ones never see it.
feathers-mesh needs TypeScript 4.7 or newer
