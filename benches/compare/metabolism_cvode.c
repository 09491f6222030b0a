/* The metabolism's kicked windows by CVODE (BDF) with the sparse direct solver KLU. The right-hand side, the analytic
 * sparse Jacobian and their tables are in MODEL (a file written by the example model_as_c of msr-metabolism).
 * See metabolism.py, which compiles and runs this.
 *
 * metabolism_cvode RTOL ATOL FIRST_STEP < kicks > results     (FIRST_STEP 0: CVODE chooses)
 */
#include MODEL

#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <sunlinsol/sunlinsol_klu.h>
#include <sunmatrix/sunmatrix_sparse.h>
#include <time.h>

struct cell {
    double states[STATES];
    double held[HELD], shared[SHARED];
};

static struct cell *current;

static int derivative(realtype t, N_Vector y, N_Vector f, void *data)
{
    (void)t, (void)data;
    right_hand_side(N_VGetArrayPointer(y), current->held, current->shared, N_VGetArrayPointer(f));
    return 0;
}

static int differentiate(realtype t, N_Vector y, N_Vector f, SUNMatrix J, void *data, N_Vector a, N_Vector b, N_Vector c)
{
    (void)t, (void)f, (void)data, (void)a, (void)b, (void)c;
    sunindextype *start = SUNSparseMatrix_IndexPointers(J), *row = SUNSparseMatrix_IndexValues(J);
    for (int i = 0; i <= DYNAMIC; i++)
        start[i] = column_start[i];
    for (int i = 0; i < ENTRIES; i++)
        row[i] = row_of[i];
    jacobian(N_VGetArrayPointer(y), current->held, current->shared, SUNSparseMatrix_Data(J));
    return 0;
}

/* A fresh start calls this; by default it would throw the symbolic factorisation away, though the pattern stays. */
static int keep_symbolic_factorisation(SUNLinearSolver solver)
{
    (void)solver;
    return 0;
}

static void check(int flag, const char *what)
{
    if (flag < 0) {
        fprintf(stderr, "%s: %d\n", what, flag);
        exit(1);
    }
}

static double cpu_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

int main(int argc, char **argv)
{
    int count;
    double window;
    if (argc != 4 || scanf("%d %lf", &count, &window) != 2) {
        fprintf(stderr, "usage: metabolism_cvode RTOL ATOL FIRST_STEP < kicks\n");
        return 2;
    }
    double first_step = atof(argv[3]);
    struct cell *cells = calloc(count, sizeof *cells);
    for (int c = 0; c < count; c++) {
        for (int i = 0; i < STATES; i++)
            cells[c].states[i] = initial[i];
        for (int i = 0; i < HELD; i++)
            cells[c].held[i] = initial[held_number[i]];
    }
    SUNContext context;
    check(SUNContext_Create(NULL, &context), "context");
    N_Vector y = N_VNew_Serial(DYNAMIC, context);
    /* Room for the diagonal, which I - gamma J adds where the Jacobian has none. */
    SUNMatrix J = SUNSparseMatrix(DYNAMIC, DYNAMIC, ENTRIES + DYNAMIC, CSC_MAT, context);
    SUNLinearSolver solver = SUNLinSol_KLU(y, J, context);
    void *cvode = CVodeCreate(CV_BDF, context);
    current = cells;
    check(CVodeInit(cvode, derivative, 0, y), "init");
    check(CVodeSStolerances(cvode, atof(argv[1]), atof(argv[2])), "tolerances");
    check(CVodeSetLinearSolver(cvode, solver, J), "linear solver");
    check(CVodeSetJacFn(cvode, differentiate), "Jacobian");
    check(CVodeSetMaxNumSteps(cvode, 1000000), "steps");
    check(CVodeSetInitStep(cvode, first_step), "first step");
    double factor, flow, cpu = 0;
    long steps = 0;
    /* ATP of all cells after each window. */
    int windows = 0, room = 0;
    double *atp = NULL;
    while (scanf("%lf %lf", &factor, &flow) == 2) {
        if (windows == room) {
            room = room ? 2 * room : 128;
            atp = realloc(atp, sizeof *atp * room * count);
        }
        for (int c = 0; c < count; c++) {
            if (c > 0 && scanf("%lf %lf", &factor, &flow) != 2)
                return 2;
            current = &cells[c];
            current->states[ATP_N] *= factor;
            current->held[FLOW] = flow;
            double start = cpu_time();
            double *values = N_VGetArrayPointer(y), reached;
            for (int i = 0; i < DYNAMIC; i++)
                values[i] = current->states[dynamic_number[i]];
            hold(current->held, current->shared);
            /* The jump of ATP ends the smooth solution that the BDF history describes: each window starts anew. */
            check(CVodeReInit(cvode, 0, y), "restart");
            check(CVodeSetStopTime(cvode, window), "stop time");
            check(CVode(cvode, window, y, &reached, CV_NORMAL), "CVode");
            solver->ops->initialize = keep_symbolic_factorisation;
            for (int i = 0; i < DYNAMIC; i++)
                current->states[dynamic_number[i]] = values[i];
            cpu += cpu_time() - start;
            long taken;
            CVodeGetNumSteps(cvode, &taken);
            steps += taken;
            atp[windows * count + c] = current->states[ATP_N];
        }
        windows++;
    }
    printf("%.17g %ld\n", cpu, steps);
    for (int w = 0; w < windows; w++)
        for (int c = 0; c < count; c++)
            printf("%.17g%c", atp[w * count + c], c + 1 < count ? ' ' : '\n');
    for (int c = 0; c < count; c++)
        for (int i = 0; i < STATES; i++)
            printf("%.17g%c", cells[c].states[i], i + 1 < STATES ? ' ' : '\n');
    return 0;
}
