// Prints the error texts of Go packages, one JSON object a line.
//
//	go run texts.go FOLDER...
//
// A text is the format of a call that makes an error (fmt.Errorf, errors.Wrap, status.Errorf, a
// diagnostic's template), or what a method `Error() string` returns. Strings may be concatenated,
// quoted by back quotes, or named constants of their package. Tests are left out.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

type text struct {
	Package  string   `json:"package"`
	File     string   `json:"file"`
	Function string   `json:"function"`
	Call     string   `json:"call"`
	Text     string   `json:"text"`
	Args     []string `json:"args"`
}

// Where the format stands among the arguments; what it wraps stands before it.
var makers = map[string]int{
	"fmt.Errorf": 0, "errors.New": 0, "errors.Errorf": 0, "result.Errorf": 0, "result.Error": 0,
	"errors.Wrap": 1, "errors.Wrapf": 1, "errors.WithMessage": 1, "errors.WithMessagef": 1,
	"status.Error": 1, "status.Errorf": 1, "rpcerror.New": 1, "rpcerror.Newf": 1,
	"rpcerror.Wrap": 2, "rpcerror.Wrapf": 2, "backenderr.New": 0, "newError": 2,
	"diag.Message": 1, "diag.RawMessage": 1, "diag.StreamMessage": 1,
	"cmdutil.Exit": 0, "cmdutil.ExitError": 0, "NewBadRequestError": 0, "NewBailError": 0,
}

// Levels of a sink or a log: what is said through them is no error.
var quiet = map[string]bool{
	"Warningf": true, "Infof": true, "Infoerrf": true, "Debugf": true, "Logf": true,
	"Assertf": true, "Requiref": true, "AssertNoErrorf": true, "Failf": true,
}

func main() {
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, root := range os.Args[1:] {
		folders := map[string]bool{}
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && isSource(path) {
				folders[filepath.Dir(path)] = true
			}
			return err
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		names := make([]string, 0, len(folders))
		for folder := range folders {
			names = append(names, folder)
		}
		sort.Strings(names)
		for _, folder := range names {
			place, _ := filepath.Rel(root, folder)
			for _, found := range readFolder(folder, filepath.ToSlash(place)) {
				if err := out.Encode(found); err != nil {
					os.Exit(1)
				}
			}
		}
	}
}

func isSource(path string) bool {
	return strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") &&
		!strings.Contains(filepath.ToSlash(path), "/testdata/")
}

func readFolder(folder, place string) []text {
	files, fileset := map[string]*ast.File{}, token.NewFileSet()
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		if entry.IsDir() || !isSource(path) {
			continue
		}
		if file, err := parser.ParseFile(fileset, path, nil, parser.SkipObjectResolution); err == nil {
			files[entry.Name()] = file
		}
	}
	reader := reader{fileset: fileset, named: map[string][]ast.Expr{}}
	for _, file := range files {
		reader.keepNames(file)
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	var found []text
	for _, name := range names {
		for _, declared := range files[name].Decls {
			for _, one := range reader.read(declared) {
				one.Package, one.File = place, name
				found = append(found, one)
			}
		}
	}
	return found
}

type reader struct {
	fileset *token.FileSet
	named   map[string][]ast.Expr
	local   map[string][]ast.Expr
}

type format struct {
	text string
	args []string
}

// Constants and variables of the package that hold one value.
func (r *reader) keepNames(file *ast.File) {
	for _, declared := range file.Decls {
		group, is := declared.(*ast.GenDecl)
		if !is {
			continue
		}
		for _, spec := range group.Specs {
			if value, is := spec.(*ast.ValueSpec); is && len(value.Names) == len(value.Values) {
				for at, name := range value.Names {
					r.named[name.Name] = append(r.named[name.Name], value.Values[at])
				}
			}
		}
	}
}

// Variables of one function, with every value that it gives them.
func (r *reader) keepLocals(declared ast.Decl) {
	r.local = map[string][]ast.Expr{}
	ast.Inspect(declared, func(node ast.Node) bool {
		given, is := node.(*ast.AssignStmt)
		if is && len(given.Lhs) == len(given.Rhs) && given.Tok != token.ADD_ASSIGN {
			for at, left := range given.Lhs {
				if name, is := left.(*ast.Ident); is && !r.mentions(given.Rhs[at], name.Name) {
					r.local[name.Name] = append(r.local[name.Name], given.Rhs[at])
				}
			}
		}
		return true
	})
}

// Whether a variable gets longer by what is assigned to it: its first value says more.
func (r *reader) mentions(value ast.Expr, name string) bool {
	found := false
	ast.Inspect(value, func(node ast.Node) bool {
		one, is := node.(*ast.Ident)
		found = found || is && one.Name == name
		return !found
	})
	return found
}

func (r *reader) read(declared ast.Decl) []text {
	function, named := "", false
	if one, is := declared.(*ast.FuncDecl); is {
		function = one.Name.Name
		named = function == "Error"
		if one.Recv != nil && len(one.Recv.List) == 1 {
			function = strings.TrimPrefix(r.print(one.Recv.List[0].Type), "*") + "." + function
		}
	}
	r.keepLocals(declared)
	var found []text
	ast.Inspect(declared, func(node ast.Node) bool {
		switch one := node.(type) {
		case *ast.CallExpr:
			name := r.print(one.Fun)
			if quiet[name[strings.LastIndex(name, ".")+1:]] {
				return false
			}
			if at, is := makers[name]; is && at < len(one.Args) {
				for _, held := range r.formats(one.Args[at], 0) {
					args := append(held.args, r.printAll(one.Args[at+1:])...)
					found = append(found, text{Function: function, Call: name, Text: held.text, Args: args})
				}
			}
		case *ast.ReturnStmt:
			if named && len(one.Results) == 1 {
				for _, held := range r.formats(one.Results[0], 0) {
					found = append(found, text{Function: function, Call: "Error", Text: held.text, Args: held.args})
				}
			}
		}
		return true
	})
	return found
}

// The strings that an expression may stand for; an unknown part of a concatenation becomes %v.
func (r *reader) formats(value ast.Expr, depth int) []format {
	if depth > 8 {
		return nil
	}
	switch one := value.(type) {
	case *ast.BasicLit:
		if one.Kind == token.STRING {
			if held, err := strconv.Unquote(one.Value); err == nil {
				return []format{{text: held}}
			}
		}
	case *ast.ParenExpr:
		return r.formats(one.X, depth+1)
	case *ast.Ident:
		held := r.local[one.Name]
		if held == nil {
			held = r.named[one.Name]
		}
		var found []format
		for _, each := range held {
			found = append(found, r.formats(each, depth+1)...)
		}
		return found
	case *ast.BinaryExpr:
		if one.Op == token.ADD {
			return r.joined(one, depth)
		}
	case *ast.CallExpr:
		name := r.print(one.Fun)
		if (name == "fmt.Sprintf" || strings.HasSuffix(name, ".Colorize")) && len(one.Args) > 0 {
			found := r.formats(one.Args[0], depth+1)
			for at := range found {
				found[at].args = append(found[at].args, r.printAll(one.Args[1:])...)
			}
			return found
		}
	}
	return nil
}

func (r *reader) joined(sum *ast.BinaryExpr, depth int) []format {
	left, right := r.formats(sum.X, depth+1), r.formats(sum.Y, depth+1)
	if left == nil && right == nil {
		return nil
	}
	if left == nil {
		left = []format{{"%v", []string{r.print(sum.X)}}}
	}
	if right == nil {
		right = []format{{"%v", []string{r.print(sum.Y)}}}
	}
	var found []format
	for _, first := range left {
		for _, second := range right {
			args := append(append([]string{}, first.args...), second.args...)
			found = append(found, format{first.text + second.text, args})
		}
	}
	return found
}

func (r *reader) printAll(values []ast.Expr) []string {
	found := make([]string, 0, len(values))
	for _, value := range values {
		found = append(found, r.print(value))
	}
	return found
}

func (r *reader) print(node ast.Node) string {
	var held strings.Builder
	if printer.Fprint(&held, r.fileset, node) != nil {
		return ""
	}
	one := strings.Join(strings.Fields(held.String()), " ")
	if len(one) > 80 {
		one = one[:80]
	}
	return one
}
